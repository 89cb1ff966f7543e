"""Accounts: opened, changed, found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared_kernel.domain import AccountId, DomainEvent


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountRegistered(DomainEvent):
    """Somebody has an account now. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileChanged(DomainEvent):
    """Some of an account's members have new values; these are their names."""

    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountSuspended(DomainEvent):
    """Nobody can sign in to the account until it is restored. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountRestored(DomainEvent):
    """A suspended account can be used again. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountImpersonated(DomainEvent):
    """An administrator acts as the owner of an account. `subject_id` is the account.

    Its owner is to be told.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountClosed(DomainEvent):
    """An account was closed for good. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountErased(DomainEvent):
    """An account was closed, and all that tells who its owner was is to go. `subject_id` is it.

    Every module that holds something personal hears this, and forgets it. Closing comes first:
    AccountClosed is told, too.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class FarewellOwed(DomainEvent):
    """The owner of an account that was erased is to be told. `subject_id` is the account.

    Nothing else knows the address any more; the event is deleted once it was delivered.
    """

    email: str
    locale: str | None


@dataclass(frozen=True, slots=True)
class AccountView:
    """An open account, as other modules may see it."""

    id: AccountId
    email: str
    registered_at: datetime
    email_verified: bool = False


class AccountDirectory(Protocol):
    """Finds accounts, and makes them for administrators."""

    async def register(self, email: str, password: str) -> AccountId:
        """Open an account.

        Raises EmailMalformed, EmailTaken or PasswordTooWeak; Unavailable when too many passwords
        are being hashed.
        """
        ...

    async def find(self, email: str) -> AccountView | None:
        """Return the open account of an address, however it is written; None when there is none."""
        ...

    async def is_open(self, account_id: AccountId) -> bool:
        """Say whether there is an open account of this id, a person's or a service account's."""
        ...

    async def can_sign_in(self, account_id: AccountId) -> bool:
        """Say whether it is the account of a person, neither closed nor suspended."""
        ...
