"""Changing one's password."""

from __future__ import annotations

from dataclasses import dataclass

from modules.identity.application.confirmation import Confirmation
from modules.identity.application.queries import IdentityQueries
from modules.identity.domain.account import WrongPassword
from modules.identity.domain.password import PasswordPolicy
from modules.identity.domain.session import EndReason
from modules.identity.ports import EmailAddresses, PasswordHasher
from modules.identity.ports.links import BeginLink
from shared_kernel.application import Caller, Clock


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Sets another password for whoever knows the current one, and ends all other sessions.

    An access token alone is not enough, however fresh. Whoever has no password yet, or forgot it,
    sets one by mail.
    """

    begin: BeginLink
    clock: Clock
    queries: IdentityQueries
    emails: EmailAddresses
    passwords: PasswordHasher
    policy: PasswordPolicy
    confirm: Confirmation

    async def __call__(self, caller: Caller, current: str, password: str) -> None:
        """Raise PasswordTooWeak, WrongPassword, TooManyAttempts; Unavailable when too many wait."""
        account = await self.queries.account(caller.id)
        self.policy.check(password, email=self.emails.parse(account.email))
        verified = await self.confirm.by_password(caller, current, field="/current_password")
        await self._change(caller, verified, password, await self.passwords.hash(password))

    async def _change(
        self, caller: Caller, verified_hash: str, password: str, password_hash: str
    ) -> None:
        now = self.clock.now()
        async with self.begin() as tx:
            account = await tx.accounts.get_locked(caller.id)
            if not account.accepts(verified_hash):
                raise WrongPassword("the password is wrong", field="/current_password")
            self.policy.check_names(password, [account.display_name])
            account.change_password(password_hash, at=now)
            tx.links.overtake(account.id, at=now)
            for session in await tx.sessions.held_by(caller.id):
                if session.id != caller.session_id:
                    session.end(EndReason.PASSWORD_CHANGED, at=now)
