"""What the owner of an account says about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol, TypedDict
from uuid import UUID

from annotated_types import MaxLen

from modules.identity.domain.account import DISPLAY_NAME_LENGTH, LOCALE_LENGTH, Account
from modules.identity.domain.label import label
from modules.identity.ports import Begin
from shared_kernel.application import ABSENT, Absent, Caller, Clock, Command, Matches, given

LANGUAGE_TAG = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"

DisplayName = Annotated[str, MaxLen(DISPLAY_NAME_LENGTH)]
Locale = Annotated[str, MaxLen(LOCALE_LENGTH), Matches(LANGUAGE_TAG)]


class ChangeProfile(Command):
    """New values for some members (JSON Merge Patch, RFC 7386): null takes one away.

    `locale` is a language tag (BCP 47): mails are written in that language where there is one.
    """

    display_name: DisplayName | Absent | None = ABSENT
    locale: Locale | Absent | None = ABSENT


@dataclass(frozen=True, slots=True)
class ProfileView:
    """One's own account. `email_verified`: its mail was read by whoever uses it.

    `impersonated_by` is there while an administrator acts as its owner, for a banner to say so.
    """

    id: UUID
    version: int
    email: str
    email_verified: bool
    display_name: str | None
    locale: str | None
    registered_at: datetime
    impersonated_by: UUID | None = None


class ProfileQueries(Protocol):
    """Reads, outside any transaction."""

    async def profile(self, caller: Caller) -> ProfileView:
        """Return the caller's account. Raises AccountUnknown."""
        ...


@dataclass(frozen=True, slots=True)
class ProfileService:
    """Changes what the owner may change without proving anything."""

    begin: Begin
    clock: Clock

    async def change(self, caller: Caller, command: ChangeProfile, *, expected: int) -> None:
        """Take new values. Raises LabelRefused, and Stale unless it is at the version expected."""
        async with self.begin() as tx:
            account = await tx.accounts.get_locked(caller.id)
            account.must_be_at(expected)
            account.change_profile(**new_profile(account, command), at=self.clock.now())


class NewProfile(TypedDict):
    """What `Account.change_profile` takes."""

    display_name: str | None
    locale: str | None


def new_profile(account: Account, command: ChangeProfile) -> NewProfile:
    """Return what the profile becomes by a change. Raises LabelRefused."""
    name = given(command.display_name, account.display_name)
    if name is not None:
        name = label(name, most=DISPLAY_NAME_LENGTH, field="/display_name")
    return {"display_name": name, "locale": given(command.locale, account.locale)}
