"""Transactions over the policy, on the fake and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import asyncpg
import pytest
import pytest_asyncio

from modules.access.adapters.sql import AccessUnitOfWork, LastReading
from modules.access.domain import (
    Effect,
    Policy,
    Role,
)
from modules.access.ports import Begin
from modules.audit.adapters.sql import SqlAuditWriter
from shared_kernel.adapters.outbox import SqlOutbox
from shared_kernel.adapters.sql import Database
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
    async with stored_in(scratch) as begun:
        yield begun


@asynccontextmanager
async def stored_in(scratch: TestDatabase) -> AsyncGenerator[Begin]:
    """Begin transactions as one process does."""
    database, last = Database(scratch.app_url), LastReading()
    outbox, writer = SqlOutbox({}, lambda topic: None), SqlAuditWriter()
    yield lambda: AccessUnitOfWork(database, outbox, writer, last)
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


async def make_policy(begin: Begin, name: str, role: Role) -> Policy:
    policy = Policy.named(name, Effect.DENY, at=NOON)
    policy.be_about(["a.b.c", "a.b.d"])
    policy.be_for([role.id], anyone=False)
    policy.when = {"attribute": "caller.verified", "op": "eq", "value": False}
    async with begin() as tx:
        tx.policies.add(policy)
    return policy
