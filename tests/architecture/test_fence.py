"""Behind its fence a module reaches its own tables and the platform's, and no others."""

from collections.abc import AsyncGenerator

import asyncpg
import pytest
import pytest_asyncio

from bootstrap.modules import discover
from tests.kit.cluster import TestDatabase
from tests.kit.fence import fenced, raise_fences


def schemas() -> list[str]:
    return [module.name for module in discover()]


@pytest_asyncio.fixture
async def connection(database: TestDatabase) -> AsyncGenerator[asyncpg.Connection]:
    """The application's connection to a database with fences."""
    owner = await asyncpg.connect(database.owner_url)
    await raise_fences(owner, schemas())
    await owner.close()
    app = await asyncpg.connect(database.app_url)
    yield app
    await app.close()


def tables(schema: str) -> list[str]:
    module = next(module for module in discover() if module.name == schema)
    return [table.fullname for table in module.metadata.tables.values()]


@pytest.mark.parametrize("schema", schemas())
async def test_a_module_reaches_its_own_tables_and_the_platforms(
    connection: asyncpg.Connection, schema: str
) -> None:
    async with fenced(connection, schema):
        for table in [*tables(schema), "platform.outbox"]:
            await connection.fetch(f"select 1 from {table} limit 1")


@pytest.mark.parametrize("schema", schemas())
async def test_a_module_does_not_reach_the_tables_of_others(
    connection: asyncpg.Connection, schema: str
) -> None:
    for table in [table for other in schemas() if other != schema for table in tables(other)]:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with fenced(connection, schema):
                await connection.fetch(f"select 1 from {table} limit 1")


async def test_the_fence_ends_with_the_transaction(connection: asyncpg.Connection) -> None:
    before = await connection.fetchval("select current_user")
    async with fenced(connection, schemas()[0]):
        assert await connection.fetchval("select current_user") != before
    assert await connection.fetchval("select current_user") == before
