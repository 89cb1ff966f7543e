"""What changed since is read alone, and comes to the same as reading everything."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from dataclasses import replace
from random import Random
from uuid import UUID

import asyncpg
import pytest_asyncio
from fastapi import FastAPI

from modules.access.adapters.memory import InMemoryAuthorizer
from modules.access.adapters.sql import SqlPolicyStore
from modules.access.application.decision.in_force import PolicyInForce
from modules.access.application.decision.loading import LoadPolicy
from modules.access.ports import Changes, StoredAssignment, StoredGrant
from modules.access.public import ADMINISTRATOR, RoleAssignments
from shared_kernel.adapters.sql import Database
from shared_kernel.application.resources import NOTHING
from shared_kernel.domain import AccountId, new_id
from shared_kernel.module import Services
from tests.kit.access import calling, until
from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.running import running, settings_for

READ, PLAIN = "catalog.products.read", "access.roles.read"
STEPS = 40

GIVE = """
insert into access.assignments (id, version, account_id, role_id, scope, assigned_at, expires_at)
    values ($1, 1, $2, $3, $4, now(), $5) on conflict do nothing
"""
SHARE = """
insert into access.object_grants (id, version, resource, object_id, permission, account_id, role_id,
    granted_by, granted_at) values ($1, 1, 'catalog.products', $2, $3, $4, $5, $1, now())
    on conflict do nothing
"""
MAKE = "insert into access.roles values ($1, 1, $2, false, now())"
HOLD = "insert into access.grants values ($1, $2)"
ADD_POLICY = """
insert into access.policies
    (id, version, name, description, effect, anyone, enabled, "when", changed_at)
    values ($1, 1, 'no', '', 'deny', false, true, '{"all": []}', now())
"""
COUNT_UP = "update access.policy_version set version = version + 1"


@pytest_asyncio.fixture
async def installation() -> AsyncGenerator[TestDatabase]:
    """A database whose roles may be changed at will."""
    made = await asyncio.to_thread(new_database, f"access_loading_{os.getpid()}")
    yield made
    await asyncio.to_thread(drop_database, made)


@pytest_asyncio.fixture
async def app(installation: TestDatabase) -> AsyncGenerator[FastAPI]:
    """An application over that database."""
    async with running(settings_for(installation)) as started:
        yield started


@pytest_asyncio.fixture
async def owner(app: FastAPI, installation: TestDatabase) -> AsyncGenerator[asyncpg.Connection]:
    """A connection that may write anything."""
    connection = await asyncpg.connect(installation.owner_url)
    yield connection
    await connection.close()


class Watched(SqlPolicyStore):
    """Counts the rows that it hands out."""

    rows = 0

    async def assignments(
        self, of: Collection[UUID] | None = None
    ) -> AsyncIterator[Sequence[StoredAssignment]]:
        async for part in super().assignments(of):
            self.rows += len(part)
            yield part

    async def lasting(self) -> AsyncIterator[tuple[UUID, Sequence[int]]]:
        async for role_id, accounts in super().lasting():
            self.rows += len(accounts)
            yield role_id, accounts

    async def grants(
        self, of: Collection[UUID] | None = None
    ) -> AsyncIterator[Sequence[StoredGrant]]:
        async for part in super().grants(of):
            self.rows += len(part)
            yield part


class Town:
    """Some accounts, roles and objects, and changes of what is given."""

    def __init__(self, owner: asyncpg.Connection, random: Random) -> None:
        self.owner, self.random = owner, random
        self.accounts = [AccountId(new_id()) for _ in range(6)]
        self.things = [new_id() for _ in range(3)]
        self.roles: dict[str, UUID] = {}

    async def change(self) -> None:
        """Change something, at random."""
        name = self.random.choice(["clerk", "keeper"])
        if name not in self.roles:
            await self._make(name)
        give, share, take = self._give, self._share, self._take
        what = [give, give, give, give, share, share, share, take, take, self._remake]
        await self.random.choice(what)(name)
        await self.owner.execute(COUNT_UP)

    async def _make(self, name: str) -> None:
        id = self.roles[name] = new_id()
        await self.owner.execute(MAKE, id, name)
        await self.owner.execute(HOLD, id, PLAIN if name == "clerk" else READ)

    async def _give(self, role: str) -> None:
        account, scope = self.random.choice(self.accounts), self.random.choice(["", str(new_id())])
        await self.owner.execute(GIVE, new_id(), account, self.roles[role], scope, None)

    async def _share(self, role: str) -> None:
        to = self.random.choice(
            [(self.random.choice(self.accounts), None), (None, self.roles[role])]
        )
        await self.owner.execute(SHARE, new_id(), self.random.choice(self.things), READ, *to)

    async def _take(self, _: str) -> None:
        for table in ("assignments", "object_grants"):
            await self.owner.execute(
                f"delete from access.{table} where id ="
                f" (select id from access.{table} order by md5(id::text || $1) limit 1)",
                str(self.random.random()),
            )

    async def _remake(self, role: str) -> None:
        """Another role of the same name inherits nothing from the one before."""
        id = self.roles.pop(role)
        for table in ("object_grants", "assignments", "grants"):
            await self.owner.execute(f"delete from access.{table} where role_id = $1", id)
        await self.owner.execute("delete from access.roles where id = $1", id)
        await self._make(role)

    def rights(self, policy: PolicyInForce) -> list[object]:
        """Return what everybody may do."""
        return [
            [
                *(policy.permits(one, permission) for permission in (READ, PLAIN)),
                *(policy.allows(one, READ, {"resource.id": thing}) for thing in self.things),
                policy.condition(one, READ, NOTHING),
            ]
            for one in map(calling, self.accounts)
        ]


async def test_what_changed_since_comes_to_the_same_as_everything(
    app: FastAPI, owner: asyncpg.Connection
) -> None:
    services: Services = app.state.services
    decides, load = services.get(InMemoryAuthorizer), services.get(LoadPolicy)
    town, told = Town(owner, Random(3)), set[str]()  # noqa: S311 - no secret
    for step in range(STEPS):
        await town.change()
        await decides.changed()
        everything = await load(0, None)
        assert town.rights(decides.policy) == town.rights(everything.policy), step
        told.add(str(town.rights(decides.policy)))
    assert len(told) > STEPS // 4


async def test_a_change_costs_what_it_changed_and_not_what_there_is(
    app: FastAPI, owner: asyncpg.Connection
) -> None:
    services: Services = app.state.services
    decides, account = services.get(InMemoryAuthorizer), AccountId(new_id())
    role = await owner.fetchval("select id from access.roles where name = 'administrator'")
    rows = [(new_id(), new_id(), role, "", None) for _ in range(6_000)]
    await owner.executemany(GIVE, rows)
    for _ in range(2):
        await owner.execute(COUNT_UP)
        await decides.changed()
    watched = Watched(services.get(Database))
    decides.load = replace(decides.load, store=watched)
    everything = await services.get(LoadPolicy)(0, None)
    assert all(
        policy.permits(calling(AccountId(row[1])), PLAIN)
        for policy in (decides.policy, everything.policy)
        for row in rows
    )
    given, by = new_id(), decides.policy
    await owner.execute(GIVE, given, account, role, "", None)
    await owner.execute(COUNT_UP)
    await decides.changed()
    assert decides.permits(calling(account), PLAIN)
    assert watched.rows == 1
    await owner.execute("delete from access.assignments where id = $1", given)
    await owner.execute(COUNT_UP)
    await decides.changed()
    assert not decides.permits(calling(account), PLAIN)
    assert decides.permits(calling(AccountId(rows[0][1])), PLAIN)
    assert by.version + 2 == decides.version
    assert not by.permits(calling(account), PLAIN), "who began by the version before keeps to it"


async def test_a_change_is_noted_under_the_version_that_makes_it(
    app: FastAPI, owner: asyncpg.Connection
) -> None:
    services: Services = app.state.services
    store, account = services.get(SqlPolicyStore), AccountId(new_id())
    before = await store.version()
    await services.get(RoleAssignments).assign(account, "editor")
    after = await store.version()
    assert after == before + 1
    assert await store.changes(after) == Changes(rules=False, given=[account])
    assert await store.changes(after + 1) == Changes(rules=False, given=[])


async def test_whatever_changes_the_rules_has_them_read_again(
    app: FastAPI, owner: asyncpg.Connection
) -> None:
    services: Services = app.state.services
    decides, account = services.get(InMemoryAuthorizer), calling(AccountId(new_id()))
    role, parent, policy = new_id(), new_id(), new_id()
    await owner.execute(MAKE, role, "clerk")
    await owner.execute(MAKE, parent, "parent")
    await owner.execute(GIVE, new_id(), account.id, role, "", None)
    changes = [
        ("insert into access.grants values ($1, $2)", (parent, PLAIN), False),
        ("insert into access.role_parents values ($1, $2)", (role, parent), True),
        (ADD_POLICY, (policy,), True),
        ("insert into access.policy_roles values ($1, $2)", (policy, role), True),
        ("insert into access.policy_permissions values ($1, $2)", (policy, PLAIN), False),
        ("update access.policies set enabled = false where id = $1", (policy,), True),
        ("update access.roles set requires_second_factor = true where id = $1", (parent,), False),
        ("update access.roles set requires_second_factor = false where id = $1", (parent,), True),
        ("delete from access.role_parents where parent_id = $1", (parent,), False),
    ]
    for statement, values, permitted in changes:
        await owner.execute(statement, *values)
        await owner.execute(COUNT_UP)
        await decides.changed()
        if statement is not ADD_POLICY:
            assert decides.permits(account, PLAIN) is permitted, statement


async def test_what_is_emptied_at_once_counts_no_more_within_a_second(
    app: FastAPI, owner: asyncpg.Connection
) -> None:
    services: Services = app.state.services
    decides = services.get(InMemoryAuthorizer)
    account, friend, thing = (AccountId(new_id()) for _ in range(3))
    facts = {"resource.id": thing}
    role = await owner.fetchval("select id from access.roles where name = 'administrator'")
    await owner.execute(GIVE, new_id(), account, role, "", None)
    await owner.execute(SHARE, new_id(), thing, READ, friend, None)
    await owner.execute(COUNT_UP)
    await decides.changed()
    assert decides.permits(calling(account), PLAIN)
    assert decides.allows(calling(friend), READ, facts)
    await owner.execute("truncate access.assignments")
    await until(lambda: not decides.permits(calling(account), PLAIN), seconds=5)
    assert decides.allows(calling(friend), READ, facts)
    await owner.execute("truncate access.object_grants")
    await until(lambda: not decides.allows(calling(friend), READ, facts), seconds=5)


async def test_policies_emptied_at_once_count_no_more(
    app: FastAPI, owner: asyncpg.Connection
) -> None:
    services: Services = app.state.services
    decides, policy, account = services.get(InMemoryAuthorizer), new_id(), AccountId(new_id())
    await services.get(RoleAssignments).assign(account, ADMINISTRATOR)
    await owner.execute(ADD_POLICY, policy)
    await owner.execute("update access.policies set anyone = true")
    await owner.execute("insert into access.policy_permissions values ($1, $2)", policy, PLAIN)
    await owner.execute(COUNT_UP)
    await until(lambda: not decides.permits(calling(account), PLAIN), seconds=5)
    await owner.execute("truncate access.policies cascade")
    await until(lambda: decides.permits(calling(account), PLAIN), seconds=5)
