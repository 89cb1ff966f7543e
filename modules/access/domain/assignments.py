"""Who holds which role, within which scope, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared_kernel.domain import AccountId, Aggregate, Conflict, Invalid, NotFound

EVERYWHERE = ""
"""The scope of an assignment that counts for every object."""

SCOPE = r"^[^\x00-\x1f\x7f-\x9f]{0,200}$"
"""A scope is any text without control characters, and is kept exactly as it was given."""


class NoSuchAssignment(NotFound):
    """Nobody holds a role by this assignment."""


class NoSuchAccount(Invalid):
    """No open account has this id."""


class AlreadyExpired(Invalid):
    """What is given must not have ended already."""


class LastAdministrator(Conflict):
    """Without this assignment nobody could administer the system any more."""


@dataclass(eq=False, kw_only=True)
class Assignment(Aggregate):
    """That an account holds a role: everywhere or for the objects of one scope, for ever or not."""

    account_id: AccountId
    role_id: UUID
    scope: str = EVERYWHERE
    assigned_at: datetime
    expires_at: datetime | None = None

    @property
    def is_lasting(self) -> bool:
        """Whether it counts everywhere and for ever."""
        return self.scope == EVERYWHERE and self.expires_at is None

    def last_until(self, end: datetime | None, *, at: datetime) -> bool:
        """End at this time, or never; say whether that is a change. Raises AlreadyExpired."""
        require_future(end, at=at)
        changed, self.expires_at = end != self.expires_at, end
        return changed


def require_future(end: datetime | None, *, at: datetime) -> None:
    """Raise AlreadyExpired when there is an end and it is over."""
    if end is not None and end <= at:
        raise AlreadyExpired("this time is over", field="/expires_at")
