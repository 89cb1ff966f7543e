"""Opening accounts, and finding them."""

from __future__ import annotations

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
from modules.identity.public import AccountView, RegistrationRepeated
from shared_kernel.application import Clock
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class RegisterAccount:
    """Opens an account for an administrator, who vouches for its address."""

    begin: Begin
    clock: Clock
    emails: EmailAddresses
    passwords: PasswordHasher
    policy: PasswordPolicy

    async def __call__(self, email: str, password: str) -> AccountId:
        """Return the id of the new account.

        Raises EmailMalformed, PasswordTooWeak, EmailTaken; Unavailable when too many wait.
        """
        address = self.emails.parse(email)
        self.policy.check(password, email=address)
        password_hash = await self.passwords.hash(password)
        account = Account.register(address, password_hash, at=self.clock.now(), verified=True)
        async with self.begin() as tx:
            if not await tx.accounts.open(account):
                raise EmailTaken("an account has this address already", field="/email")
        return account.account_id


@dataclass(frozen=True, slots=True)
class SignUp:
    """Opens an account for whoever asks: not too often for a client, nor for an address.

    The work is the same whether or not the address is taken (one hash, one attempt to insert,
    one event), so that the time it takes tells nothing. What the event leads to is told by mail.
    """

    begin: Begin
    clock: Clock
    emails: EmailAddresses
    passwords: PasswordHasher
    policy: PasswordPolicy
    throttle: Throttle

    async def __call__(self, email: str, password: str) -> None:
        """Open an account unless the address has one; nobody is told which.

        Raises EmailMalformed, PasswordTooWeak, TooManyAttempts; Unavailable when too many wait.
        """
        address = self.emails.parse(email)
        self.policy.check(password, email=address)
        async with self.throttle.attempt(Flow.REGISTER, address.normalized):
            await self._open(address, await self.passwords.hash(password))

    async def _open(self, address: EmailAddress, password_hash: str) -> None:
        now = self.clock.now()
        account = Account.register(address, password_hash, at=now)
        async with self.begin() as tx:
            if not await tx.accounts.open(account):
                repeated = RegistrationRepeated(
                    subject_id=account.id,
                    email_normalized=address.normalized,
                    occurred_at=now,
                )
                tx.publish(repeated)


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

    async def can_sign_in(self, account_id: AccountId) -> bool:
        """Say whether it is the account of a person, neither closed nor suspended."""
        found = await self.queries.credentials(account_id)
        return found is not None and found.active
