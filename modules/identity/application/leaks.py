"""Secrets that were found where everybody can read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from modules.identity.domain.api_key import ApiKeyUnknown
from modules.identity.domain.api_secret import ApiSecret, RevokeReason, SecretKind
from modules.identity.domain.opaque import fingerprint
from modules.identity.domain.refresh_token import RefreshToken, RefreshTokenRefused
from modules.identity.domain.session import EndReason, with_led
from modules.identity.ports.api_keys import BeginKeys, KeyTransaction
from modules.identity.public import SecretLeaked
from shared_kernel.application import Clock
from shared_kernel.domain import AccountId

REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a kind


class Label(StrEnum):
    """What a finding was."""

    TRUE_POSITIVE = "true_positive"
    FALSE_POSITIVE = "false_positive"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a scanner found, where, and what it takes it for."""

    token: str = field(repr=False)
    type: str
    url: str
    source: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a finding was one of our secrets, named by its SHA-256 in hexadecimal digits."""

    token_hash: str
    token_type: str
    label: Label


@dataclass(frozen=True, slots=True)
class RevokeLeaked:
    """Refuses every secret found, whoever it belongs to, and has the owner told, once.

    One transaction for each: what one finding meets must not undo the others. A secret that was
    revoked before is still ours, so a report that is sent again is answered alike.
    """

    begin: BeginKeys
    clock: Clock

    async def __call__(self, findings: Sequence[Finding]) -> Sequence[Verdict]:
        """Return a verdict for each finding, in their order."""
        labels: dict[str, Label] = {}
        for one in findings:
            if one.token not in labels:
                ours = await self._revoke(one)
                labels[one.token] = Label.TRUE_POSITIVE if ours else Label.FALSE_POSITIVE
        return [
            Verdict(fingerprint(one.token).hex(), one.type, labels[one.token]) for one in findings
        ]

    async def _revoke(self, found: Finding) -> bool:
        secret = ApiSecret.of(found.token)
        if secret is not None and secret.kind is SecretKind.PERSONAL:
            return await self._revoke_key(found, secret)
        if secret is not None:
            return await self._revoke_secret(found, secret)
        try:
            token = RefreshToken.parse(found.token)
        except RefreshTokenRefused:
            return False
        return await self._end_session(found, token)

    async def _revoke_key(self, found: Finding, secret: ApiSecret) -> bool:
        now = self.clock.now()
        async with self.begin() as tx:
            try:
                key = await tx.api_keys.get_locked(secret.id)
            except ApiKeyUnknown:
                return False
            if not key.was(secret):
                return False
            if key.revoked_at is None:
                key.revoke(RevokeReason.LEAKED, at=now)
                owner = AccountId(key.account_id)
                _tell(tx, found, key.id, owner, secret.kind, name=key.name, at=now)
        return True

    async def _revoke_secret(self, found: Finding, secret: ApiSecret) -> bool:
        now = self.clock.now()
        async with self.begin() as tx:
            account = await tx.service_accounts.of_secret(secret.id)
            kept = account.secret(secret.id) if account is not None else None
            if account is None or kept is None or not secret.has(kept.secret_hash):
                return False
            if kept.revoked_at is None:
                account.revoke(kept, RevokeReason.LEAKED, at=now)
                owner = AccountId(account.created_by)
                _tell(tx, found, kept.id, owner, secret.kind, name=account.name, at=now)
        return True

    async def _end_session(self, found: Finding, token: RefreshToken) -> bool:
        """End the session, also for a token used up long ago: only its device ever had it."""
        now = self.clock.now()
        async with self.begin() as tx:
            session = await tx.sessions.of_family(token.family)
            if session is None:
                return False
            if session.ended_at is None:
                for one in with_led(session, await tx.sessions.led_by(session.account_id)):
                    one.end(EndReason.LEAKED, at=now)
                owner = AccountId(session.account_id)
                _tell(tx, found, session.id, owner, REFRESH_TOKEN, name="", at=now)
        return True


def _tell(
    tx: KeyTransaction,
    found: Finding,
    id: UUID,
    owner_id: AccountId,
    what: str,
    *,
    name: str,
    at: datetime,
) -> None:
    tx.publish(
        SecretLeaked(
            subject_id=id,
            owner_id=owner_id,
            what=str(what),
            name=name,
            source=found.source,
            url=found.url,
            occurred_at=at,
        )
    )
