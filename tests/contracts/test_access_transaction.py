"""Roles, assignments and seeds inside a transaction: the fake and PostgreSQL behave alike."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Generator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from modules.access.adapters.sql import AccessUnitOfWork
from modules.access.domain import (
    Assignment,
    Effect,
    NoSuchAssignment,
    NoSuchGrant,
    NoSuchPolicy,
    NoSuchRole,
    NoSuchVersion,
    ObjectGrant,
    Policy,
    PolicyNameTaken,
    Role,
    RoleNameTaken,
)
from modules.access.ports import Begin, PastPolicy
from modules.audit.adapters.sql import SqlAuditWriter
from shared_kernel.adapters.outbox import SqlOutbox
from shared_kernel.adapters.sql import Database
from shared_kernel.domain import AccountId
from tests.kit.access import NOON
from tests.kit.access_transaction import FakeAccess
from tests.kit.cluster import TestDatabase, drop_database, new_database

EMPTY = (
    "delete from access.object_grants",
    "delete from access.policy_roles",
    "delete from access.policy_permissions",
    "delete from access.policies",
    "delete from access.policy_versions",
    "delete from access.role_parents",
    "delete from access.assignments",
    "delete from access.grants",
    "delete from access.roles",
    "delete from access.seeded_grants",
)


@pytest_asyncio.fixture(params=["fake", "postgresql"])
async def begin(request: pytest.FixtureRequest, scratch: TestDatabase) -> AsyncGenerator[Begin]:
    if request.param == "fake":
        yield FakeAccess().begin
        return
    database = Database(scratch.app_url)
    outbox, writer = SqlOutbox({}, lambda topic: None), SqlAuditWriter()
    yield lambda: AccessUnitOfWork(database, outbox, writer)
    await database.close()


@pytest.fixture(scope="module")
def own_database() -> Generator[TestDatabase]:
    """A database no application seeds."""
    made = new_database(f"access_contract_{os.getpid()}")
    yield made
    drop_database(made)


@pytest_asyncio.fixture
async def scratch(own_database: TestDatabase) -> TestDatabase:
    """The database, emptied."""
    connection = await asyncpg.connect(own_database.owner_url)
    try:
        for statement in EMPTY:
            await connection.execute(statement)
    finally:
        await connection.close()
    return own_database


async def make_role(begin: Begin, name: str, *permissions: str) -> Role:
    role = Role.named(name, permissions, at=NOON)
    async with begin() as tx:
        tx.roles.add(role)
    return role


async def test_a_role_is_found_by_name_and_id_with_what_it_holds(begin: Begin) -> None:
    made = await make_role(begin, "auditor", "a.b.c", "a.b.d")
    async with begin() as tx:
        assert (await tx.roles.named("auditor")).id == made.id
        found = await tx.roles.get(made.id)
        assert found.permissions == {"a.b.c", "a.b.d"}
        assert found.version == 1


async def test_a_role_that_is_not_there_is_missed(begin: Begin) -> None:
    async with begin() as tx:
        assert await tx.roles.find("auditor") is None
        with pytest.raises(NoSuchRole):
            await tx.roles.named("auditor")
        with pytest.raises(NoSuchRole):
            await tx.roles.get(uuid4())


async def test_two_roles_cannot_have_one_name(begin: Begin) -> None:
    await make_role(begin, "auditor")
    with pytest.raises(RoleNameTaken):
        await make_role(begin, "auditor")


async def test_what_a_role_no_longer_holds_is_gone(begin: Begin) -> None:
    made = await make_role(begin, "auditor", "a.b.c", "a.b.d")
    async with begin() as tx:
        (await tx.roles.get(made.id)).hold_only(["a.b.d", "a.b.e"], at=NOON)
    async with begin() as tx:
        assert (await tx.roles.get(made.id)).permissions == {"a.b.d", "a.b.e"}


async def test_a_removed_role_leaves_the_others_as_they_are(begin: Begin) -> None:
    gone = await make_role(begin, "auditor", "a.b.c")
    await make_role(begin, "keeper", "a.b.c")
    async with begin() as tx:
        await tx.roles.remove(await tx.roles.get(gone.id))
    async with begin() as tx:
        assert await tx.roles.find("auditor") is None
        assert (await tx.roles.named("keeper")).permissions == {"a.b.c"}


async def test_assignments_are_found_counted_and_removed_one_by_one(begin: Begin) -> None:
    role = await make_role(begin, "auditor")
    first, second = AccountId(uuid4()), AccountId(uuid4())
    async with begin() as tx:
        for account_id in (first, second):
            tx.assignments.add(Assignment(account_id=account_id, role_id=role.id, assigned_at=NOON))
    async with begin() as tx:
        assert await tx.assignments.count(role.id) == 2
        (held,) = await tx.assignments.held_by(first)
        assert await tx.assignments.find(first, role.id) is held
        assert await tx.assignments.get(held.id) is held
        await tx.assignments.remove(held)
    async with begin() as tx:
        assert await tx.assignments.find(first, role.id) is None
        assert await tx.assignments.find(second, role.id) is not None
        with pytest.raises(NoSuchAssignment):
            await tx.assignments.get(held.id)


async def test_parents_come_and_go_with_the_role_that_names_them(begin: Begin) -> None:
    parent, child = await make_role(begin, "parent"), await make_role(begin, "child")
    async with begin() as tx:
        (await tx.roles.get(child.id)).inherit_only([parent.id], at=NOON)
    async with begin() as tx:
        found = await tx.roles.all()
        assert [(one.name, one.parent_ids) for one in found] == [
            ("child", {parent.id}),
            ("parent", frozenset()),
        ]
        (await tx.roles.get(child.id)).inherit_only([], at=NOON)
    async with begin() as tx:
        assert (await tx.roles.get(child.id)).parent_ids == frozenset()


async def test_what_was_changed_so_far_is_among_all_of_it(begin: Begin) -> None:
    gone = await make_role(begin, "gone")
    async with begin() as tx:
        tx.roles.add(Role.named("new", ["a.b.c"], at=NOON))
        await tx.roles.remove(await tx.roles.get(gone.id))
        (found,) = await tx.roles.all()
        assert found.name == "new"
        assert found.permissions == {"a.b.c"}


async def test_one_role_is_held_once_in_each_scope(begin: Begin) -> None:
    role, account_id = await make_role(begin, "auditor"), AccountId(uuid4())
    end = NOON + timedelta(days=1)
    async with begin() as tx:
        for scope, until in (("", None), ("north", None), ("south", end)):
            held = Assignment(
                account_id=account_id,
                role_id=role.id,
                scope=scope,
                assigned_at=NOON,
                expires_at=until,
            )
            tx.assignments.add(held)
    async with begin() as tx:
        south = await tx.assignments.find(account_id, role.id, "south")
        assert south is not None
        assert south.expires_at == end
        assert await tx.assignments.find(account_id, role.id, "nort") is None
        (lasting,) = await tx.assignments.lasting(role.id, limit=5)
        assert lasting.scope == ""
        assert await tx.assignments.count(role.id) == 3


async def make_policy(begin: Begin, name: str, role: Role) -> Policy:
    policy = Policy.named(name, Effect.DENY, at=NOON)
    policy.be_about(["a.b.c", "a.b.d"])
    policy.be_for([role.id], anyone=False)
    policy.when = {"attribute": "caller.verified", "op": "eq", "value": False}
    async with begin() as tx:
        tx.policies.add(policy)
    return policy


async def test_a_policy_is_kept_with_everything_it_says(begin: Begin) -> None:
    role = await make_role(begin, "auditor")
    made = await make_policy(begin, "unproved", role)
    async with begin() as tx:
        (found,) = await tx.policies.all()
        assert (found.id, found.name, found.effect) == (made.id, "unproved", Effect.DENY)
        assert found.permissions == {"a.b.c", "a.b.d"}
        assert found.role_ids == {role.id}
        assert found.when == {"attribute": "caller.verified", "op": "eq", "value": False}
        found.be_about(["a.b.e"])
        found.be_for([], anyone=True)
    async with begin() as tx:
        found = await tx.policies.get(made.id)
        assert found.permissions == {"a.b.e"}
        assert (found.role_ids, found.anyone) == (frozenset(), True)
        await tx.policies.remove(found)
    async with begin() as tx:
        assert list(await tx.policies.all()) == []
        with pytest.raises(NoSuchPolicy):
            await tx.policies.get(made.id)


async def test_two_policies_cannot_have_one_name(begin: Begin) -> None:
    role = await make_role(begin, "auditor")
    await make_policy(begin, "unproved", role)
    with pytest.raises(PolicyNameTaken):
        await make_policy(begin, "unproved", role)


async def test_a_grant_is_found_by_what_it_gives_to_whom(begin: Begin) -> None:
    role, friend, thing = await make_role(begin, "auditor"), AccountId(uuid4()), uuid4()

    def grant(permission: str, **to: Any) -> ObjectGrant:
        return ObjectGrant(
            resource="a.b",
            object_id=thing,
            permission=permission,
            granted_by=friend,
            granted_at=NOON,
            **to,
        )

    async with begin() as tx:
        tx.grants.add(grant("a.b.c", account_id=friend))
        tx.grants.add(grant("a.b.c", role_id=role.id))
    async with begin() as tx:
        found = await tx.grants.equal_to(grant("a.b.c", account_id=friend))
        assert found is not None
        assert (found.account_id, found.role_id) == (friend, None)
        assert await tx.grants.equal_to(grant("a.b.d", account_id=friend)) is None
        assert await tx.grants.equal_to(grant("a.b.c", account_id=AccountId(uuid4()))) is None
        assert list(await tx.grants.given_to(friend)) == [found]
        await tx.grants.remove(found)
    async with begin() as tx:
        with pytest.raises(NoSuchGrant):
            await tx.grants.get(found.id)
        assert await tx.grants.equal_to(grant("a.b.c", role_id=role.id)) is not None


async def test_versions_are_kept_and_found(begin: Begin) -> None:
    async with begin() as tx:
        assert await tx.past.is_empty()
        version = await tx.change_policy()
        past = PastPolicy(
            version=version,
            document={"roles": {"a": {"permissions": ["a.b.c"]}}},
            author_id=uuid4(),
            reason="Why not.",
            created_at=NOON,
        )
        await tx.past.keep(past)
    async with begin() as tx:
        assert not await tx.past.is_empty()
        assert await tx.past.get(version) == past
        assert await tx.change_policy() == version + 1
        with pytest.raises(NoSuchVersion):
            await tx.past.get(version + 1)


async def test_seeds_are_remembered(begin: Begin) -> None:
    async with begin() as tx:
        await tx.seeds.remember([])
        await tx.seeds.remember([("editor", "a.b.c"), ("viewer", "a.b.c")])
    async with begin() as tx:
        assert set(await tx.seeds.all()) == {("editor", "a.b.c"), ("viewer", "a.b.c")}
