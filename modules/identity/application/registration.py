"""Opening accounts, and finding them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from modules.identity.application.queries import IdentityQueries
from modules.identity.application.service_accounts import ServiceAccountQueries
from modules.identity.domain.account import (
    Account,
    AccountUnknown,
    EmailAddress,
    EmailMalformed,
    EmailTaken,
)
from modules.identity.domain.password import PasswordPolicy
from modules.identity.domain.throttle import Flow
from modules.identity.ports import Begin, EmailAddresses, PasswordHasher
from modules.identity.ports.throttle import Throttle
from modules.identity.public import AccountView
from shared_kernel.application import AuditEntry, AuditTrail, Clock, Outcome
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class RegisterAccount:
    """Opens an account.

    The work is the same whether or not the address is taken (one hash, one search, one commit),
    so that the time it takes tells nothing.
    """

    begin: Begin
    clock: Clock
    audit: AuditTrail
    emails: EmailAddresses
    passwords: PasswordHasher
    policy: PasswordPolicy

    async def __call__(self, email: str, password: str) -> AccountId:
        """Return the id of the new account.

        Raises EmailMalformed, PasswordTooWeak, EmailTaken; Unavailable when too many wait.
        """
        address = self.check(email, password)
        password_hash = await self.passwords.hash(password)
        try:
            return await self._open(address, password_hash)
        except EmailTaken:
            await self.audit.record(
                AuditEntry(
                    action="identity.registration_repeated",
                    occurred_at=self.clock.now(),
                    outcome=Outcome.REFUSED,
                )
            )
            raise

    def check(self, email: str, password: str) -> EmailAddress:
        """Return the address, if it and the password would do."""
        address = self.emails.parse(email)
        self.policy.check(password, email=address)
        return address

    async def _open(self, address: EmailAddress, password_hash: str) -> AccountId:
        async with self.begin() as tx:
            if await tx.accounts.is_taken(address):
                raise EmailTaken("an account has this address already", field="/email")
            account = Account.register(address, password_hash, at=self.clock.now())
            tx.accounts.add(account)
        return account.account_id


@dataclass(frozen=True, slots=True)
class SignUp:
    """Opens an account for whoever asks: not too often for a client, nor for an address."""

    open_account: RegisterAccount
    throttle: Throttle

    async def __call__(self, email: str, password: str) -> None:
        """Open an account unless the address has one; nobody is told which.

        Raises EmailMalformed, PasswordTooWeak, TooManyAttempts; Unavailable when too many wait.
        """
        address = self.open_account.check(email, password)
        async with self.throttle.attempt(Flow.REGISTER, address.normalized):
            with contextlib.suppress(EmailTaken):
                await self.open_account(email, password)


@dataclass(frozen=True, slots=True)
class Directory:
    """Accounts, as other modules may ask for them."""

    open_account: RegisterAccount
    queries: IdentityQueries
    service_accounts: ServiceAccountQueries
    emails: EmailAddresses

    async def register(self, email: str, password: str) -> AccountId:
        """Open an account."""
        return await self.open_account(email, password)

    async def find(self, email: str) -> AccountView | None:
        """Return the open account of an address."""
        try:
            address = self.emails.parse(email)
        except EmailMalformed:
            return None
        return await self.queries.account_of(address.normalized)

    async def is_open(self, account_id: AccountId) -> bool:
        """Say whether there is an open account of this id, a person's or a program's."""
        try:
            await self.queries.account(account_id)
        except AccountUnknown:
            return await self.service_accounts.is_service_account(account_id)
        return True
