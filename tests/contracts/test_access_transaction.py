"""Roles, assignments and seeds inside a transaction: the fake and PostgreSQL behave alike."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Generator
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from modules.access.adapters.sql import AccessUnitOfWork
from modules.access.domain import Assignment, NoSuchAssignment, NoSuchRole, Role, RoleNameTaken
from modules.access.ports import Begin
from modules.audit.adapters.sql import SqlAuditWriter
from shared_kernel.adapters.outbox import SqlOutbox
from shared_kernel.adapters.sql import Database
from shared_kernel.domain import AccountId
from tests.kit.access import NOON, FakeAccess
from tests.kit.cluster import TestDatabase, drop_database, new_database

EMPTY = (
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


async def test_seeds_are_remembered(begin: Begin) -> None:
    async with begin() as tx:
        await tx.seeds.remember([])
        await tx.seeds.remember([("editor", "a.b.c"), ("viewer", "a.b.c")])
    async with begin() as tx:
        assert set(await tx.seeds.all()) == {("editor", "a.b.c"), ("viewer", "a.b.c")}
