"""The policy as it is stored, and the one that is in force."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from shared_kernel.application import Authorizer


class MalformedPolicy(Exception):
    """A stored row cannot be understood: the policy as a whole is refused, the row is named."""

    def __init__(self, kind: str, id: UUID, reason: str) -> None:
        super().__init__(f"{kind} {id}: {reason}")
        self.kind, self.id, self.reason = kind, id, reason


@dataclass(frozen=True, slots=True)
class StoredRole:
    """A role as it is stored: the permissions written down for it, the names of its parents."""

    id: UUID
    name: str
    requires_second_factor: bool
    permissions: Sequence[str]
    inherits: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A policy as it is stored: for roles by name or for anyone, `when` is a document."""

    id: UUID
    name: str
    effect: str
    anyone: bool
    when: Mapping[str, object]
    enabled: bool = True
    roles: Sequence[str] = ()
    permissions: Sequence[str] = ()


class StoredAssignment(NamedTuple):
    """That an account holds a role, as it is stored."""

    id: UUID
    account_id: UUID
    role_id: UUID
    scope: str = ""
    expires_at: datetime | None = None


class StoredGrant(NamedTuple):
    """That one object is shared with an account or a role, as it is stored."""

    id: UUID
    resource: str
    object_id: UUID
    permission: str
    account_id: UUID | None = None
    role_id: UUID | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed of a stored policy.

    rules  whether any role or policy has
    given  the accounts and roles to which something was given, or from which it was taken; None
           where they are too many to be read one by one
    """

    rules: bool
    given: Collection[UUID] | None


class PolicyStore(Protocol):
    """Reads the policy as it stands committed. Everything raises Unavailable.

    What is yielded in slices is complete: what holds from before the first slice until after the
    last is among it.
    """

    async def version(self) -> int:
        """Return a number that differs after every change."""
        ...

    async def roles(self) -> Sequence[StoredRole]: ...

    async def policies(self) -> Sequence[StoredPolicy]: ...

    async def changes(self, since: int) -> Changes:
        """Return what was changed by a version and by those after it."""
        ...

    def lasting(self) -> AsyncIterator[tuple[UUID, Sequence[int]]]:
        """Yield roles, with the integers of the ids of accounts that hold them everywhere, always.

        These are nearly all the assignments there are.
        """
        ...

    def assignments(
        self, of: Collection[UUID] | None = None
    ) -> AsyncIterator[Sequence[StoredAssignment]]:
        """Yield the assignments that are of a scope or end, or all of some accounts."""
        ...

    def grants(self, of: Collection[UUID] | None = None) -> AsyncIterator[Sequence[StoredGrant]]:
        """Yield what is shared with anyone, or with some accounts and roles."""
        ...


class LivePolicy(Protocol):
    """The policy this process decides by."""

    async def changed(self) -> None:
        """Tell every process that a change was committed, and decide by it from here on."""
        ...

    @property
    def version(self) -> int | None:
        """The version decided by; None before there is one."""
        ...

    def supposing(
        self, roles: Sequence[StoredRole], policies: Sequence[StoredPolicy]
    ) -> Authorizer:
        """Return who would decide if roles and policies were these, and all else as it is."""
        ...

    def answering(self, what: str) -> AbstractContextManager[None]:
        """Raise Unavailable where an answer ends in a defect, and not in an error of its own."""
        ...
