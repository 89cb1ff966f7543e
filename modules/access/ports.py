"""What access needs from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
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


class PolicyEngine(Protocol):
    """Decides by the rules it was given."""

    def allows(self, role: str, permission: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class StoredRole:
    """A role as it is stored, with the permissions written down for it."""

    id: UUID
    name: str
    requires_second_factor: bool
    permissions: Sequence[str]


class PolicyStore(Protocol):
    """Reads the policy as it stands committed."""

    async def version(self) -> int:
        """Return a number that differs after every change. Raises Unavailable."""
        ...

    async def roles(self) -> Sequence[StoredRole]:
        """Return every role. Raises Unavailable."""
        ...

    def assignments(self) -> AsyncIterator[Sequence[tuple[UUID, UUID, UUID]]]:
        """Yield id, account and role of every assignment, in slices. Raises Unavailable.

        What holds from before the first slice until after the last is among them.
        """
        ...


class NewPassword(Protocol):
    """Makes a password nobody can guess."""

    def __call__(self) -> str: ...
