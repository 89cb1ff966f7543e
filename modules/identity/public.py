"""What other modules may know of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared_kernel.domain import AccountId, DomainEvent


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountRegistered(DomainEvent):
    """Somebody has an account now. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedInAfterFailures(DomainEvent):
    """The right password came after many wrong ones. `subject_id` is the account.

    Somebody may have guessed it: its owner is to be told. `failures` are those before it.
    """

    failures: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountClosed(DomainEvent):
    """An account was closed for good. `subject_id` is the account."""


@dataclass(frozen=True, slots=True)
class AccountView:
    """An open account, as other modules may see it."""

    id: AccountId
    email: str
    registered_at: datetime


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
        """Say whether there is an open account of this id."""
        ...
