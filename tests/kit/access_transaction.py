"""One transaction over the policy, in memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from modules.access.domain import (
    EVERYWHERE,
    Assignment,
    NoSuchAssignment,
    NoSuchGrant,
    NoSuchPolicy,
    NoSuchRole,
    NoSuchVersion,
    ObjectGrant,
    Policy,
    PolicyEntry,
    PolicyNameTaken,
    Role,
    RoleEntry,
    RoleNameTaken,
    Rulebook,
)
from modules.access.ports import PastPolicy, Rules
from shared_kernel.application import AuditEntry
from shared_kernel.domain import AccountId, Aggregate, DomainEvent, NotFound

A = TypeVar("A", bound=Aggregate)


@dataclass
class FakeRepository(Generic[A]):
    """Aggregates in a dictionary."""

    missing: type[NotFound]
    kept: dict[UUID, A] = field(default_factory=dict[UUID, A])

    async def get(self, id: UUID) -> A:
        if id not in self.kept:
            raise self.missing("there is no such thing")
        return self.kept[id]

    def add(self, aggregate: A) -> None:
        aggregate.version = 1
        self.kept[aggregate.id] = aggregate

    async def remove(self, aggregate: A) -> None:
        del self.kept[aggregate.id]


class FakeRoles(FakeRepository[Role]):
    """Roles in a dictionary."""

    def __init__(self) -> None:
        super().__init__(NoSuchRole)

    async def named(self, name: str) -> Role:
        found = await self.find(name)
        if found is None:
            raise NoSuchRole("there is no such role")
        return found

    async def find(self, name: str) -> Role | None:
        return next((one for one in self.kept.values() if one.name == name), None)

    async def all(self) -> Sequence[Role]:
        return sorted(self.kept.values(), key=lambda one: one.name)

    def add(self, aggregate: Role) -> None:
        if any(one.name == aggregate.name for one in self.kept.values()):
            raise RoleNameTaken("another role has this name", field="/name")
        super().add(aggregate)


class FakeAssignments(FakeRepository[Assignment]):
    """Assignments in a dictionary."""

    def __init__(self, roles: FakeRoles) -> None:
        super().__init__(NoSuchAssignment)
        self.roles = roles

    async def get_anew(self, id: UUID) -> Assignment:
        return await self.get(id)

    async def find(
        self, account_id: AccountId, role_id: UUID, scope: str = EVERYWHERE
    ) -> Assignment | None:
        held = await self.held_by(account_id)
        return next((one for one in held if (one.role_id, one.scope) == (role_id, scope)), None)

    async def of_role(self, account_id: AccountId, name: str) -> Assignment | None:
        role = await self.roles.find(name)
        return None if role is None else await self.find(account_id, role.id)

    async def held_by(self, account_id: AccountId) -> Sequence[Assignment]:
        return [one for one in self.kept.values() if one.account_id == account_id]

    async def lasting(self, role_id: UUID, *, limit: int) -> Sequence[Assignment]:
        return [one for one in self._of(role_id) if one.is_lasting][:limit]

    async def count(self, role_id: UUID) -> int:
        return len(list(self._of(role_id)))

    def _of(self, role_id: UUID) -> Iterator[Assignment]:
        return (one for one in self.kept.values() if one.role_id == role_id)


class FakePolicies(FakeRepository[Policy]):
    """Policies in a dictionary."""

    def __init__(self) -> None:
        super().__init__(NoSuchPolicy)

    async def named(self, names: Collection[str]) -> Sequence[Policy]:
        found = [one for one in self.kept.values() if one.name in names]
        return sorted(found, key=lambda one: one.name)

    async def are_for(self, role_id: UUID) -> bool:
        return any(role_id in one.role_ids for one in self.kept.values())

    def add(self, aggregate: Policy) -> None:
        if any(one.name == aggregate.name for one in self.kept.values()):
            raise PolicyNameTaken("another policy has this name", field="/name")
        super().add(aggregate)


class FakeObjectGrants(FakeRepository[ObjectGrant]):
    """Grants on objects in a dictionary."""

    def __init__(self) -> None:
        super().__init__(NoSuchGrant)

    async def get_anew(self, id: UUID) -> ObjectGrant:
        return await self.get(id)

    async def equal_to(self, wanted: ObjectGrant) -> ObjectGrant | None:
        return next((one for one in self.kept.values() if _right(one) == _right(wanted)), None)

    async def given_to(self, account_id: AccountId) -> Sequence[ObjectGrant]:
        return [one for one in self.kept.values() if one.account_id == account_id]


def _right(grant: ObjectGrant) -> tuple[object, ...]:
    return grant.object_id, grant.permission, grant.account_id, grant.role_id


@dataclass
class FakePastPolicies:
    """Versions in a dictionary."""

    kept: dict[int, PastPolicy] = field(default_factory=dict[int, PastPolicy])

    async def is_empty(self) -> bool:
        return not self.kept

    async def get(self, version: int) -> PastPolicy:
        if version not in self.kept:
            raise NoSuchVersion("there is no such version")
        return self.kept[version]

    async def keep(self, past: PastPolicy) -> None:
        self.kept[past.version] = past


@dataclass
class FakeSeeds:
    """Seeds in a set."""

    kept: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    async def all(self) -> Collection[tuple[str, str]]:
        return frozenset(self.kept)

    async def remember(self, seeds: Collection[tuple[str, str]]) -> None:
        self.kept.update(seeds)


@dataclass
class FakeAccess:
    """One transaction after the other over the same dictionaries. An error takes its one back."""

    roles: FakeRoles = field(default_factory=FakeRoles)
    assignments: FakeAssignments = field(init=False)
    policies: FakePolicies = field(default_factory=FakePolicies)
    grants: FakeObjectGrants = field(default_factory=FakeObjectGrants)
    past: FakePastPolicies = field(default_factory=FakePastPolicies)
    seeds: FakeSeeds = field(default_factory=FakeSeeds)
    version: int = 0
    counted: bool = False
    entries: list[AuditEntry] = field(default_factory=list[AuditEntry])
    events: list[DomainEvent] = field(default_factory=list[DomainEvent])

    def __post_init__(self) -> None:
        self.assignments = FakeAssignments(self.roles)

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[FakeAccess]:
        self.counted = False
        before = deepcopy(self.__dict__)
        try:
            yield self
        except BaseException:
            self.__dict__.update(before)
            raise

    async def change_policy(self) -> int:
        return await self.count_up()

    async def keep(self, changed: Collection[str], seen: Collection[str] = ()) -> None:
        """One transaction comes after the other here: there is nobody to keep away."""

    async def count_up(self) -> int:
        if not self.counted:
            self.version, self.counted = self.version + 1, True
        return self.version

    async def rules(self) -> Rules:
        roles, policies = self.roles.kept.values(), self.policies.kept.values()
        ids = {("Role", one.name): one.id for one in roles}
        ids |= {("Policy", one.name): one.id for one in policies}
        return Rules(book=_book(list(roles), list(policies)), ids=ids)

    def audit(self, entry: AuditEntry) -> None:
        self.entries.append(entry)

    def publish(self, event: DomainEvent) -> None:
        self.events.append(event)


def _book(roles: Sequence[Role], policies: Sequence[Policy]) -> Rulebook:
    names = {one.id: one.name for one in roles}
    return Rulebook(
        roles={one.name: _role(one, names) for one in roles},
        policies={one.name: _policy(one, names) for one in policies},
    )


def _role(role: Role, names: Mapping[UUID, str]) -> RoleEntry:
    return RoleEntry(
        permissions=role.permissions,
        inherits=frozenset(names[one] for one in role.parent_ids),
        requires_second_factor=role.requires_second_factor,
    )


def _policy(policy: Policy, names: Mapping[UUID, str]) -> PolicyEntry:
    return PolicyEntry(
        description=policy.description,
        effect=policy.effect,
        roles=frozenset(names[one] for one in policy.role_ids),
        anyone=policy.anyone,
        permissions=policy.permissions,
        when=policy.when,
        enabled=policy.enabled,
    )
