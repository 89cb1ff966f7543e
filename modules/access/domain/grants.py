"""One object, shared with one account or one role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from modules.access.domain.assignments import require_future
from shared_kernel.domain import AccountId, Aggregate, Invalid, NotFound


class NoSuchGrant(NotFound):
    """No grant has this id."""


class NoSuchObject(NotFound):
    """There is no such object, or it is not the caller's to see."""


class UnknownResource(Invalid):
    """No module declares this resource."""


class NotAnAction(Invalid):
    """The resource knows no such action."""


class OneGrantee(Invalid):
    """A grant is for one account or for one role."""


@dataclass(eq=False, kw_only=True)
class ObjectGrant(Aggregate):
    """That an account, or whoever holds a role, may do one thing with one object.

    `granted_by` is None where it was given at the system's command line.
    """

    resource: str
    object_id: UUID
    permission: str
    account_id: AccountId | None = None
    role_id: UUID | None = None
    granted_by: AccountId | None
    granted_at: datetime
    expires_at: datetime | None = None

    def last_until(self, end: datetime | None, *, at: datetime) -> bool:
        """End at this time, or never; say whether that is a change. Raises AlreadyExpired."""
        require_future(end, at=at)
        changed, self.expires_at = end != self.expires_at, end
        return changed
