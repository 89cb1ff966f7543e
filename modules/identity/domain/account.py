"""An account: an address, and what proves that somebody may use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from modules.identity.public import AccountClosed, AccountRegistered
from shared_kernel.domain import (
    AccountId,
    Aggregate,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
)


class EmailMalformed(Invalid):
    """This is no address that mail can be sent to."""


class EmailTaken(Conflict):
    """An open account has this address already."""


class AccountUnknown(NotFound):
    """There is no such account."""


class AccountIsClosed(Conflict):
    """The account was closed; nothing can be done with it any more."""


class SignInRefused(Unauthenticated):
    """Address and password do not belong together. It is never said which of the two is wrong."""


class WrongPassword(Forbidden):
    """The password given as a confirmation is not the account's."""


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address as its owner writes it, and the one form that all ways to write it share."""

    written: str
    normalized: str

    @property
    def local_part(self) -> str:
        """What stands before the @."""
        return self.normalized.rpartition("@")[0]


class AccountStatus(StrEnum):
    """A closed account keeps its id, so that what it did remains somebody's."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(eq=False, kw_only=True)
class Account(Aggregate):
    """Somebody who can sign in. No two open accounts share a normalised address."""

    email: str
    email_normalized: str
    email_verified_at: datetime | None = None
    display_name: str | None = None
    locale: str | None = None
    password_hash: str | None = field(repr=False)
    password_changed_at: datetime | None = None
    status: AccountStatus = AccountStatus.ACTIVE
    registered_at: datetime
    closed_at: datetime | None = None

    @classmethod
    def register(
        cls,
        email: EmailAddress,
        password_hash: str | None,
        *,
        at: datetime,
        verified: bool = False,
    ) -> Self:
        """Open an account. `verified`: a provider vouches for the address."""
        account = cls(
            email=email.written,
            email_normalized=email.normalized,
            email_verified_at=at if verified else None,
            password_hash=password_hash,
            registered_at=at,
        )
        account.record(AccountRegistered(subject_id=account.id, occurred_at=at))
        return account

    @property
    def account_id(self) -> AccountId:
        """The id, as other modules know it."""
        return AccountId(self.id)

    def accepts(self, verified_hash: str) -> bool:
        """Say whether a password verified against this hash a moment ago still opens the account.

        Verifying takes long; meanwhile the account may have been closed or the password changed.
        """
        return self.status is AccountStatus.ACTIVE and self.password_hash == verified_hash

    def strengthen(self, password_hash: str) -> None:
        """Keep the same password under a hash of today's cost."""
        self.password_hash = password_hash

    def close(self, *, at: datetime) -> None:
        """End the account for good, and forget what could open it again."""
        if self.status is AccountStatus.CLOSED:
            raise AccountIsClosed("the account is closed already")
        self.status, self.closed_at, self.password_hash = AccountStatus.CLOSED, at, None
        self.record(AccountClosed(subject_id=self.id, occurred_at=at))
