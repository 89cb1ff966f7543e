"""Policies of any size, and questions about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from uuid import UUID

from modules.access.ports import StoredAssignment, StoredPolicy, StoredRole
from shared_kernel.application.conditions import Facts, Kind
from shared_kernel.application.resources import Resource
from shared_kernel.domain import AccountId, Permission

ROLES, RESOURCES = 20, 25
VERBS = ("read", "write", "burn", "share")
STATUSES = tuple(f"status{n}" for n in range(20))
PLACES = 1_000
SLICE = 1_000
ENDING = datetime(2100, 1, 1, tzinfo=UTC)
PERMISSIONS = [f"shop.kind{n}.{verb}" for n in range(RESOURCES) for verb in VERBS]


@dataclass(frozen=True, slots=True)
class Line:
    """One rule: a role may do something with what has a status."""

    role: int
    permission: str
    status: str


@dataclass(frozen=True, slots=True)
class Question:
    """Whether an account may do something with a thing."""

    account: int
    permission: str
    status: str


@dataclass(frozen=True)
class Scene:
    """So many assignments, one for each account, and so many rules.

    mixed  a tenth of the assignments are of scopes, and a few end some day
    """

    assignments: int
    rules: int
    mixed: bool = False

    @cached_property
    def lines(self) -> Sequence[Line]:
        """The rules, all different."""
        random = Random(7)  # noqa: S311 - it shall be the same again
        return [
            Line(n % ROLES, random.choice(PERMISSIONS), random.choice(STATUSES))
            for n in range(self.rules)
        ]

    @property
    def roles(self) -> Sequence[StoredRole]:
        """The roles; each holds something, so that none is empty."""
        return [
            StoredRole(UUID(int=n + 1), f"role{n}", False, [PERMISSIONS[n]]) for n in range(ROLES)
        ]

    @property
    def policies(self) -> Sequence[StoredPolicy]:
        """The rules as they are stored."""
        return [
            StoredPolicy(
                id=UUID(int=n + 1),
                name=f"policy-{n}",
                effect="allow",
                anyone=False,
                when={"attribute": "resource.status", "op": "eq", "value": line.status},
                roles=(f"role{line.role}",),
                permissions=(line.permission,),
            )
            for n, line in enumerate(self.lines)
        ]

    def given(self) -> Iterator[Sequence[StoredAssignment]]:
        """Yield the assignments in slices."""
        for start in range(0, self.assignments, SLICE):
            numbers = range(start, min(start + SLICE, self.assignments))
            yield [self._assignment(n) for n in numbers]

    def _assignment(self, n: int) -> StoredAssignment:
        scoped, ending = self.mixed and n % 10 == 0, self.mixed and n % 50 == 1
        return StoredAssignment(
            UUID(int=n + 1),
            account(n),
            UUID(int=n % ROLES + 1),
            f"place{n % PLACES}" if scoped else "",
            ENDING if ending else None,
        )

    def questions(self, count: int, seed: int) -> Sequence[Question]:
        """Return questions about accounts anywhere; about half are answered with yes."""
        random = Random(seed)  # noqa: S311 - it shall be the same again
        return [self._question(random) for _ in range(count)]

    def _question(self, random: Random) -> Question:
        line, n = random.choice(self.lines), random.randrange(self.assignments)
        if random.random() < 0.5:
            n = min(n - n % ROLES + line.role, self.assignments - 1)
            return Question(n, line.permission, line.status)
        return Question(n, random.choice(PERMISSIONS), random.choice(STATUSES))


def account(n: int) -> AccountId:
    """Return the id of an account: as unlike its neighbours' as real ones are."""
    return AccountId(UUID(int=(n + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128))


def resources() -> dict[str, Resource]:
    """Return the resources that modules would declare."""
    return {one.name: one for one in map(_resource, range(RESOURCES))}


def thing(status: str, place: str) -> Facts:
    """Return the facts of a thing."""
    return {"resource.id": UUID(int=1), "resource.status": status, "resource.place": place}


def _resource(n: int) -> Resource:
    actions = [Permission(f"shop.kind{n}.{verb}", "For a measurement.") for verb in VERBS]
    return Resource(
        name=f"shop.kind{n}",
        attributes={"status": Kind.TEXT, "place": Kind.TEXT, "owner_id": Kind.ID},
        read=actions[0],
        share=actions[3],
        actions=actions,
        rules=(),
        scope="place",
    )
