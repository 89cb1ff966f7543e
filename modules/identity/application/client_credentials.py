"""OAuth 2 client credentials (RFC 6749, section 4.4): a service account gets an access token."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from modules.identity.application.api_keys import require_known
from modules.identity.application.key_callers import KeyCallers
from modules.identity.domain.api_secret import ApiSecret, KnownSecret, SecretKind
from modules.identity.domain.throttle import Flow
from modules.identity.ports.api_keys import ClientGrant, ClientTokens, SecretRecords
from modules.identity.ports.throttle import Throttle
from modules.identity.ports.tokens import AccessToken
from shared_kernel.application import (
    AuditEntry,
    AuditTrail,
    Clock,
    Outcome,
    PermissionCatalogue,
)
from shared_kernel.domain import AccountId, Unauthenticated


class ClientRefused(Unauthenticated):
    """The client is unknown, its secret is wrong, or it may not act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """What a client proves itself with, and what it asks to be limited to."""

    client_id: str
    client_secret: str = field(repr=False)
    scope: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class IssueClientToken:
    """Exchanges a service account's secret for an access token.

    Wrong secrets are counted by client, never by the account they name: 256 bits cannot be
    guessed, and whoever knows the id of a service account must not be able to lock it out.
    """

    records: SecretRecords
    callers: KeyCallers
    tokens: ClientTokens
    throttle: Throttle
    catalogue: PermissionCatalogue
    audit: AuditTrail
    clock: Clock

    async def __call__(self, asked: ClientCredentials) -> AccessToken:
        """Return a token. Raises ClientRefused, ScopeUnknown, TooManyAttempts."""
        async with self.throttle.attempt(Flow.CLIENT_SECRET) as attempt:
            known = await self._verified(asked)
            attempt.succeed()
        require_known(asked.scope or (), self.catalogue)
        self.callers.note_use(SecretKind.SERVICE, known)
        now = self.clock.now()
        grant = ClientGrant(
            account_id=AccountId(known.account_id),
            secret_id=known.id,
            scope=asked.scope,
            secret_expires_at=known.expires_at,
        )
        return self.tokens.issue_to_client(grant, at=now)

    async def _verified(self, asked: ClientCredentials) -> KnownSecret:
        presented = ApiSecret.of(asked.client_secret)
        if presented is None or presented.kind is not SecretKind.SERVICE:
            raise _refused()
        known = await self.records.find(SecretKind.SERVICE, presented.id)
        if known is None:
            raise _refused()
        mine = _is(known.account_id, asked.client_id)
        if not mine or not known.opens_to(presented, at=self.clock.now()):
            await self._note_refusal(known.account_id)
            raise _refused()
        return known

    async def _note_refusal(self, account_id: UUID) -> None:
        await self.audit.record(
            AuditEntry(
                action="identity.client_refused",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                subject_id=account_id,
            )
        )


def _is(account_id: UUID, text: str) -> bool:
    """Say whether a text is the id, in the one form it is shown in."""
    return text == str(account_id)


def _refused() -> ClientRefused:
    return ClientRefused("the client is not known, or its secret is wrong")
