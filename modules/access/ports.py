"""What access needs from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.access.domain import Assignment, Role
from shared_kernel.application import UnitOfWork
from shared_kernel.domain import AccountId


class Roles(Protocol):
    """The roles inside one transaction."""

    async def get(self, id: UUID) -> Role:
        """Return the role. Raises NoSuchRole."""
        ...

    async def named(self, name: str) -> Role:
        """Return the role of this name. Raises NoSuchRole."""
        ...

    async def find(self, name: str) -> Role | None: ...

    def add(self, aggregate: Role) -> None: ...

    async def remove(self, aggregate: Role) -> None: ...


class Assignments(Protocol):
    """Who holds which role, inside one transaction."""

    async def get(self, id: UUID) -> Assignment:
        """Return the assignment. Raises NoSuchAssignment."""
        ...

    async def find(self, account_id: AccountId, role_id: UUID) -> Assignment | None: ...

    async def held_by(self, account_id: AccountId) -> Sequence[Assignment]: ...

    async def count(self, role_id: UUID) -> int:
        """Return how many accounts hold the role."""
        ...

    def add(self, aggregate: Assignment) -> None: ...

    async def remove(self, aggregate: Assignment) -> None: ...


class Seeds(Protocol):
    """Which default grants have been handed out once, whatever became of them."""

    async def all(self) -> Collection[tuple[str, str]]:
        """Return every (role name, permission) remembered."""
        ...

    async def remember(self, seeds: Collection[tuple[str, str]]) -> None: ...


class AccessTransaction(UnitOfWork, Protocol):
    """One transaction over roles and assignments."""

    @property
    def roles(self) -> Roles: ...

    @property
    def assignments(self) -> Assignments: ...

    @property
    def seeds(self) -> Seeds: ...

    async def change_policy(self) -> None:
        """Make this the only transaction that changes the policy, and count its version up.

        Call it first: what is read afterwards stays true until the commit.
        """
        ...


Begin = Callable[[], AbstractAsyncContextManager[AccessTransaction]]


class LivePolicy(Protocol):
    """The policy this process decides by."""

    async def changed(self) -> None:
        """Tell every process that a change was committed, and decide by it from here on."""
        ...


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPolicy:
    """A policy as it is stored: for roles by name or for anyone, `when` is a document."""

    id: UUID
    name: str
    effect: str
    roles: Sequence[str]
    anyone: bool
    permissions: Sequence[str]
    when: Mapping[str, object]
    enabled: bool = True


StoredAssignment = tuple[UUID, UUID, UUID, str, datetime | None]
"""Id, account, role, scope, end."""

StoredGrant = tuple[UUID, str, UUID, str, UUID | None, UUID | None, datetime | None]
"""Id, resource, object, permission, account or role, end."""


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

    def assignments(self) -> AsyncIterator[Sequence[StoredAssignment]]: ...

    def grants(self) -> AsyncIterator[Sequence[StoredGrant]]: ...


class NewPassword(Protocol):
    """Makes a password nobody can guess."""

    def __call__(self) -> str: ...
