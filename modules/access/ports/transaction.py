"""One transaction over the policy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from modules.access.domain import (
    EVERYWHERE,
    Assignment,
    NoSuchRole,
    ObjectGrant,
    Policy,
    Role,
    Rulebook,
)
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

    async def all(self) -> Sequence[Role]:
        """Return every role by name, as changed so far."""
        ...

    def add(self, aggregate: Role) -> None: ...

    async def remove(self, aggregate: Role) -> None: ...


class Assignments(Protocol):
    """Who holds which role, inside one transaction."""

    async def get(self, id: UUID) -> Assignment:
        """Return the assignment. Raises NoSuchAssignment."""
        ...

    async def get_anew(self, id: UUID) -> Assignment:
        """Return it as it is by now, though it was read before. Raises NoSuchAssignment."""
        ...

    async def find(
        self, account_id: AccountId, role_id: UUID, scope: str = EVERYWHERE
    ) -> Assignment | None: ...

    async def of_role(self, account_id: AccountId, name: str) -> Assignment | None:
        """Return by what the account holds the role of this name everywhere."""
        ...

    async def held_by(self, account_id: AccountId) -> Sequence[Assignment]:
        """Return everything the account holds, what has ended included."""
        ...

    async def lasting(self, role_id: UUID, *, limit: int) -> Sequence[Assignment]:
        """Return the assignments of the role that count everywhere and for ever."""
        ...

    async def count(self, role_id: UUID) -> int:
        """Return how many assignments of the role there are."""
        ...

    def add(self, aggregate: Assignment) -> None: ...

    async def remove(self, aggregate: Assignment) -> None: ...


class Policies(Protocol):
    """The policies inside one transaction."""

    async def get(self, id: UUID) -> Policy:
        """Return the policy. Raises NoSuchPolicy."""
        ...

    async def named(self, names: Collection[str]) -> Sequence[Policy]:
        """Return the policies that have one of these names, in the order of names."""
        ...

    async def are_for(self, role_id: UUID) -> bool:
        """Say whether one of them is for the role, as changed so far."""
        ...

    def add(self, aggregate: Policy) -> None: ...

    async def remove(self, aggregate: Policy) -> None: ...


class ObjectGrants(Protocol):
    """What was shared with whom, inside one transaction."""

    async def get(self, id: UUID) -> ObjectGrant:
        """Return the grant. Raises NoSuchGrant."""
        ...

    async def get_anew(self, id: UUID) -> ObjectGrant:
        """Return it as it is by now, though it was read before. Raises NoSuchGrant."""
        ...

    async def equal_to(self, wanted: ObjectGrant) -> ObjectGrant | None:
        """Return what gives the same right on the same object to the same account or role."""
        ...

    async def given_to(self, account_id: AccountId) -> Sequence[ObjectGrant]: ...

    def add(self, aggregate: ObjectGrant) -> None: ...

    async def remove(self, aggregate: ObjectGrant) -> None: ...


class RoleGiven(NamedTuple):
    """A role, as far as it takes to give it to somebody."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All roles and policies; `ids` are theirs, by `Role` or `Policy` and name."""

    book: Rulebook
    ids: Mapping[tuple[str, str], UUID]

    def role(self, name: str) -> RoleGiven:
        """Return the role of this name. Raises NoSuchRole."""
        if name not in self.book.roles:
            raise NoSuchRole("there is no such role")
        return RoleGiven(self.ids["Role", name], name)

    def of_ids(self, ids: Collection[UUID]) -> Sequence[RoleGiven]:
        """Return those of the roles that have one of these ids."""
        return [one for one in map(self.role, self.book.roles) if one.id in ids]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPolicy:
    """Roles and policies as they stood from one version on, and who made them so.

    `author_id` is None where the system did, or whoever works at its command line.
    """

    version: int
    document: Mapping[str, object]
    author_id: UUID | None
    reason: str | None
    created_at: datetime


class PastPolicies(Protocol):
    """The versions of roles and policies, inside one transaction. They are never changed."""

    async def is_empty(self) -> bool: ...

    async def get(self, version: int) -> PastPolicy:
        """Return one version. Raises NoSuchVersion."""
        ...

    async def keep(self, past: PastPolicy) -> None: ...


class Seeds(Protocol):
    """Which default grants have been handed out once, whatever became of them."""

    async def all(self) -> Collection[tuple[str, str]]:
        """Return every (role name, permission) remembered."""
        ...

    async def remember(self, seeds: Collection[tuple[str, str]]) -> None: ...


class AccessTransaction(UnitOfWork, Protocol):
    """One transaction over roles, policies and who is given what."""

    @property
    def roles(self) -> Roles: ...

    @property
    def assignments(self) -> Assignments: ...

    @property
    def policies(self) -> Policies: ...

    @property
    def grants(self) -> ObjectGrants: ...

    @property
    def past(self) -> PastPolicies: ...

    @property
    def seeds(self) -> Seeds: ...

    async def change_policy(self) -> int:
        """Make this the only transaction that changes the policy, and return its new version.

        Call it first: what is read afterwards stays true until the commit.
        """
        ...

    async def keep(self, changed: Collection[str], seen: Collection[str] = ()) -> None:
        """Have the rules stay as they are until the end, and what is given to some as well.

        Nobody else changes what belongs to one of the `seen`; of the `changed`, nobody else even
        relies on it. Call it once, before anything is read that has to stay true.
        """
        ...

    async def count_up(self) -> int:
        """Make the version by which this transaction is in force, once, and return it.

        Call it right before the first change: from here to the commit all other changes wait.
        """
        ...

    async def rules(self) -> Rules:
        """Return all roles and policies as they stand, what was changed so far included.

        What others change between two calls may be missing from the second.
        """
        ...


Begin = Callable[[], AbstractAsyncContextManager[AccessTransaction]]
