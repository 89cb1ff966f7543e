"""Closing an account."""

from __future__ import annotations

from dataclasses import dataclass

from modules.identity.application.queries import IdentityQueries
from modules.identity.domain.account import WrongPassword
from modules.identity.domain.session import EndReason
from modules.identity.ports import Begin, PasswordHasher
from shared_kernel.application import AuditEntry, AuditTrail, Caller, Clock, Outcome


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """Closes the caller's account and ends all its sessions, in one transaction."""

    begin: Begin
    clock: Clock
    audit: AuditTrail
    queries: IdentityQueries
    passwords: PasswordHasher

    async def __call__(self, caller: Caller, password: str) -> None:
        """Raise WrongPassword unless the password is the account's."""
        known = await self.queries.credentials(caller.id)
        stored = known.password_hash if known else None
        verdict = await self.passwords.verify(password, stored)
        if stored is None or not verdict.matches:
            await self._note_failure(caller)
            raise WrongPassword("the password is wrong", field="/password")
        now = self.clock.now()
        async with self.begin() as tx:
            account = await tx.accounts.get_locked(caller.id)
            if not account.accepts(stored):
                raise WrongPassword("the password is wrong", field="/password")
            account.close(at=now)
            for session in await tx.sessions.open_of(caller.id):
                session.end(EndReason.ACCOUNT_CLOSED, at=now)

    async def _note_failure(self, caller: Caller) -> None:
        await self.audit.record(
            AuditEntry(
                action="identity.confirmation_failed",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                subject_id=caller.id,
            )
        )
