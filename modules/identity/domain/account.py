"""An account: an address, and what proves that somebody may use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from modules.identity.public import (
    AccountClosed,
    AccountErased,
    AccountRegistered,
    AccountRestored,
    AccountSuspended,
    AddressChanged,
    AddressTakenBack,
    AddressVerified,
    FarewellOwed,
    PasswordChanged,
    ProfileChanged,
)
from shared_kernel.domain import (
    AccountId,
    Aggregate,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
    new_id,
)

DISPLAY_NAME_LENGTH, LOCALE_LENGTH = 100, 35


class EmailMalformed(Invalid):
    """This is no address that mail can be sent to."""


class EmailTaken(Conflict):
    """An open account has this address already."""


class AccountUnknown(NotFound):
    """There is no such account."""


class AccountIsClosed(Conflict):
    """The account was closed; nothing can be done with it any more."""


class AlreadySuspended(Conflict):
    """The account is suspended already."""


class NotSuspended(Conflict):
    """Only a suspended account can be restored."""


class NotUponYourself(Conflict):
    """Administrators cannot do this to their own account."""


class NotToBeImpersonated(Conflict):
    """Nobody acts as the owner of an account that is not in use."""


class SignInRefused(Unauthenticated):
    """Address and password do not belong together, or the account may not be used.

    It is never said which.
    """


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
    """A closed account keeps its id, so that what it did remains somebody's.

    An erased one is closed, too, and keeps nothing else.
    """

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    ERASED = "erased"


@dataclass(eq=False, kw_only=True)
class Account(Aggregate):
    """Somebody who can sign in. No two open accounts share a normalised address.

    While it is doubted that its owner still reads its mail (`doubted_at`), nobody signs in. It is
    their account all the same, unlike one whose address was never verified.
    """

    email: str
    email_normalized: str
    email_verified_at: datetime | None = None
    doubted_at: datetime | None = None
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

    @property
    def is_verified(self) -> bool:
        """Whether the owner showed that they read mail at the address, and nobody doubts it."""
        return self.email_verified_at is not None and self.doubted_at is None

    def accepts(self, verified_hash: str) -> bool:
        """Say whether a password verified against this hash a moment ago still opens the account.

        Verifying takes long; meanwhile the account may have been closed or the password changed.
        """
        return self.status is AccountStatus.ACTIVE and self.password_hash == verified_hash

    def strengthen(self, password_hash: str) -> None:
        """Keep the same password under a hash of today's cost."""
        self.password_hash = password_hash

    def change_profile(self, *, display_name: str | None, locale: str | None, at: datetime) -> None:
        """Take another name to be shown, and another language. What stays the same is no event."""
        old, new = (self.display_name, self.locale), (display_name, locale)
        members = ("display_name", "locale")
        changed = tuple(name for name, a, b in zip(members, old, new, strict=True) if a != b)
        if changed:
            self.display_name, self.locale = new
            self.record(ProfileChanged(subject_id=self.id, members=changed, occurred_at=at))

    def verify_address(self, *, at: datetime) -> None:
        """Believe that the owner reads mail at the address. Twice changes nothing."""
        if not self.is_verified:
            self.email_verified_at = self.email_verified_at or at
            self.doubted_at = None
            self.record(AddressVerified(subject_id=self.id, occurred_at=at))

    def change_address(self, email: EmailAddress, *, at: datetime) -> None:
        """Take another address, which the owner proved to be theirs."""
        former = self.email
        self._move_to(email, at=at)
        self.record(
            AddressChanged(
                subject_id=self.id,
                link_id=new_id(),
                former=former,
                locale=self.locale,
                occurred_at=at,
            )
        )

    def take_back(self, former: EmailAddress, *, at: datetime) -> None:
        """Go back to a former address, whose owner did not mean to change it."""
        self._move_to(former, at=at)
        self.password_hash, self.password_changed_at = None, at  # what was asked for before is void
        self.record(AddressTakenBack(subject_id=self.id, occurred_at=at))

    def change_password(self, password_hash: str, *, at: datetime) -> None:
        """Take another password."""
        self.password_hash, self.password_changed_at = password_hash, at
        self.record(PasswordChanged(subject_id=self.id, occurred_at=at))

    def contest(self) -> bool:
        """Hear that somebody registers the address again. Say whether it is nobody's yet.

        While nobody verified it, the second to register is as believable as the first: the
        password of the first is forgotten, and whoever reads the mail chooses another.
        """
        if self.email_verified_at is not None or self.status is not AccountStatus.ACTIVE:
            return False
        self.password_hash = None
        return True

    def doubt_address(self, *, at: datetime) -> None:
        """Believe no more that the owner reads mail at the address, until they show it again."""
        self.must_not_be_closed()
        if self.is_verified:
            self.doubted_at = at

    def forget_password(self) -> None:
        """Let nobody in by the password, until the owner chose another by mail."""
        self.must_not_be_closed()
        self.password_hash = None

    def suspend(self, *, at: datetime) -> None:
        """Let nobody use the account until it is restored."""
        self.must_not_be_closed()
        if self.status is AccountStatus.SUSPENDED:
            raise AlreadySuspended("the account is suspended already")
        self.status = AccountStatus.SUSPENDED
        self.record(AccountSuspended(subject_id=self.id, occurred_at=at))

    def restore(self, *, at: datetime) -> None:
        """Let the owner use the account again."""
        self.must_not_be_closed()
        if self.status is not AccountStatus.SUSPENDED:
            raise NotSuspended("the account is not suspended")
        self.status = AccountStatus.ACTIVE
        self.record(AccountRestored(subject_id=self.id, occurred_at=at))

    def close(self, *, at: datetime) -> None:
        """End the account for good, and forget what could open it again."""
        self.must_not_be_closed()
        self.status, self.closed_at, self.password_hash = AccountStatus.CLOSED, at, None
        self.record(AccountClosed(subject_id=self.id, occurred_at=at))

    def erase(self, *, at: datetime) -> None:
        """Close the account, and forget who its owner was. Only its id stays."""
        farewell = FarewellOwed(
            subject_id=self.id, email=self.email, locale=self.locale, occurred_at=at
        )
        self._vanish(at=at)
        self.record(farewell)

    def make_way(self, *, at: datetime) -> bool:
        """Give the address up to whoever proved to read its mail; say whether it did.

        An account whose address nobody verified does. It is erased, and nobody is told: its
        address was not its owner's.
        """
        if self.email_verified_at is not None:
            return False
        self._vanish(at=at)
        return True

    def _vanish(self, *, at: datetime) -> None:
        self.close(at=at)
        self.email = self.email_normalized = f"{self.id}@erased.invalid"
        self.display_name = self.locale = self.email_verified_at = self.doubted_at = None
        self.status = AccountStatus.ERASED
        self.record(AccountErased(subject_id=self.id, occurred_at=at))

    def _move_to(self, email: EmailAddress, *, at: datetime) -> None:
        self.email, self.email_normalized = email.written, email.normalized
        self.email_verified_at, self.doubted_at = at, None

    def must_not_be_closed(self) -> None:
        """Raise AccountIsClosed when it is."""
        if self.status in {AccountStatus.CLOSED, AccountStatus.ERASED}:
            raise AccountIsClosed("the account is closed")
