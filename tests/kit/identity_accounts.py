"""Doubles for the accounts and what is read of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from modules.identity.application.queries import StoredCredentials
from modules.identity.domain.account import (
    Account,
    AccountStatus,
    AccountUnknown,
    EmailAddress,
)
from modules.identity.public import AccountView


def open_account(kept: Mapping[UUID, Account], email_normalized: str) -> Account | None:
    """Return the account that has the address and is not closed."""
    same = (one for one in kept.values() if one.email_normalized == email_normalized)
    return next((one for one in same if one.closed_at is None), None)


def account_view(account: Account) -> AccountView:
    """Return what other modules see of an account."""
    verified = account.email_verified_at is not None
    return AccountView(account.account_id, account.email, account.registered_at, verified)


def credentials_of(account: Account) -> StoredCredentials:
    """Return what a sign-in is checked against."""
    return StoredCredentials(
        account.account_id,
        account.password_hash,
        account.status is AccountStatus.ACTIVE,
        account.email_verified_at is not None,
    )


class AccountsInMemory:
    """Accounts, inside one transaction."""

    def __init__(self, kept: Mapping[UUID, Account]) -> None:
        self._kept = kept
        self.added: list[Account] = []

    def add(self, aggregate: Account) -> None:
        self.added.append(aggregate)

    async def open(self, account: Account) -> bool:
        if open_account(self._kept, account.email_normalized) is not None:
            return False
        self.add(account)
        return True

    async def holder_of(self, email: EmailAddress) -> Account | None:
        return open_account(self._kept, email.normalized)

    async def several(self, ids: Collection[UUID]) -> Sequence[Account]:
        return [self._kept[one] for one in sorted(ids) if one in self._kept]

    async def get_locked(self, id: UUID) -> Account:
        try:
            return self._kept[id]
        except KeyError:
            raise AccountUnknown("there is no such account") from None

    async def is_verified(self, id: UUID) -> bool:
        return id in self._kept and self._kept[id].is_verified
