"""Signing in: from a password to a session."""

from __future__ import annotations

from dataclasses import dataclass, field

from modules.identity.application.queries import IdentityQueries, StoredCredentials
from modules.identity.domain.account import EmailMalformed, SignInRefused
from modules.identity.domain.session import Device, Session, SessionLimits, make_room
from modules.identity.ports import (
    AccessToken,
    AccessTokens,
    Begin,
    EmailAddresses,
    PasswordHasher,
    RefreshTokens,
    Verdict,
)
from shared_kernel.application import AuditEntry, AuditTrail, Clock, Outcome
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a device gets to prove itself with."""

    access: AccessToken
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StartSession:
    """Signs a device in.

    One password is verified in every case, and every failure is the same refusal: neither the
    answer nor its time tells whether an address is known.
    """

    begin: Begin
    clock: Clock
    audit: AuditTrail
    queries: IdentityQueries
    emails: EmailAddresses
    passwords: PasswordHasher
    refresh_tokens: RefreshTokens
    access_tokens: AccessTokens
    limits: SessionLimits

    async def __call__(self, email: str, password: str, device: Device) -> SignedIn:
        """Raise SignInRefused, or Unavailable when too many wait."""
        known = await self._credentials(email)
        stored = known.password_hash if known else None
        verdict = await self.passwords.verify(password, stored)
        signed = None
        if known is not None and stored is not None and verdict.matches:
            signed = await self._start(known.account_id, stored, verdict, device)
        if signed is None:
            await self._note_failure(known)
            raise SignInRefused("address and password do not belong together")
        return signed

    async def _credentials(self, email: str) -> StoredCredentials | None:
        try:
            address = self.emails.parse(email)
        except EmailMalformed:
            return None
        return await self.queries.credentials_of(address.normalized)

    async def _start(
        self, account_id: AccountId, verified_hash: str, verdict: Verdict, device: Device
    ) -> SignedIn | None:
        """Begin the session, unless the account changed while its password was verified."""
        token, now = self.refresh_tokens.first(), self.clock.now()
        async with self.begin() as tx:
            account = await tx.accounts.get_locked(account_id)
            if not account.accepts(verified_hash):
                return None
            if verdict.renewed_hash is not None:
                account.strengthen(verdict.renewed_hash)
            make_room(await tx.sessions.open_of(account_id), at=now, most=self.limits.most)
            session = Session.start(account_id, token, device, at=now, limits=self.limits)
            tx.sessions.add(session)
            tx.audit(
                AuditEntry(
                    action="identity.signed_in",
                    occurred_at=now,
                    subject_id=session.id,
                    actor_id=account_id,
                )
            )
        return SignedIn(self.access_tokens.issue(session, at=now), token.text)

    async def _note_failure(self, known: StoredCredentials | None) -> None:
        await self.audit.record(
            AuditEntry(
                action="identity.sign_in_failed",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                subject_id=known.account_id if known else None,
            )
        )
