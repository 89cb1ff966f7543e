"""Closing an account, and having it erased."""

from __future__ import annotations

from dataclasses import dataclass

from modules.identity.application.confirmation import Confirmation
from modules.identity.application.protection import own_account
from modules.identity.domain.account import Account, AccountIsClosed, AccountStatus, WrongPassword
from modules.identity.domain.session import EndReason
from modules.identity.ports import Transaction
from modules.identity.ports.links import BeginLink
from shared_kernel.application import Caller, Clock
from shared_kernel.application.departures import Departures


@dataclass(frozen=True, slots=True)
class CloseAccount:
    """Ends the caller's account for good, all its sessions and links, in one transaction.

    Asks for the password; of an account without one, for a recent sign-in.
    """

    begin: BeginLink
    clock: Clock
    confirm: Confirmation
    departures: Departures

    async def __call__(self, caller: Caller, password: str | None) -> None:
        """Close the account: who its owner was stays known, to answer for what it did.

        Raises WrongPassword, InsufficientAuthentication, TooManyAttempts, and a Conflict for the
        last administrator.
        """
        verified = await self.confirm.by_any_means(caller, password)
        async with self.departures.allowed(caller.id), self.begin() as tx:
            account = await self._end(tx, caller, verified)
            account.close(at=self.clock.now())
            tx.links.overtake(account.id, at=self.clock.now())

    async def erasing(self, caller: Caller, password: str | None) -> None:
        """Close the account, and forget who its owner was, here and in every module.

        Raises WrongPassword, InsufficientAuthentication, TooManyAttempts, and a Conflict for the
        last administrator.
        """
        verified = await self.confirm.by_any_means(caller, password)
        async with self.departures.allowed(caller.id), self.begin() as tx:
            account = await self._end(tx, caller, verified)
            account.erase(at=self.clock.now())
            await tx.traces.erase(account)

    async def _end(self, tx: Transaction, caller: Caller, verified_hash: str | None) -> Account:
        account = await own_account(tx, caller)
        if account.status is not AccountStatus.ACTIVE:
            raise AccountIsClosed("the account is closed")
        if account.password_hash != verified_hash:
            raise WrongPassword("the password is wrong", field="/password")
        for session in await tx.sessions.held_by(caller.id):
            session.end(EndReason.ACCOUNT_CLOSED, at=self.clock.now())
        return account
