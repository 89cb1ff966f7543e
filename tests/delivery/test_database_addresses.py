"""The ways in which production names its database, on both of the application's connections."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator

import asyncpg
import pytest
from sqlalchemy import text

from shared_kernel.adapters.sql import Database, PoolSizes
from tests.kit.cluster import TestDatabase, drop_database, new_database

Ask = Callable[[str], Awaitable[int]]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where a server is that knows no TLS."""
    made: TestDatabase = new_database(f"addresses_{os.getpid()}", template=None)
    yield made.owner_url
    drop_database(made)


async def written(url: str) -> int:
    """Ask on a connection for writes."""
    database = Database(url, PoolSizes(writes=1, reads=1))
    try:
        async with database.session() as session:
            return int(await session.scalar(text("select 1")) or 0)
    finally:
        await database.close()


async def read(url: str) -> int:
    """Ask on a connection for reads."""
    database = Database(url, PoolSizes(writes=1, reads=1))
    connection = await database.connect()
    try:
        return int(await connection.fetchval("select 1"))
    finally:
        await connection.close()
        await database.close()


async def answer(ask: Ask, url: str) -> int:
    return await ask(url)


@pytest.mark.parametrize("ask", [written, read])
def test_sslmode_is_understood(address: str, ask: Ask) -> None:
    assert asyncio.run(answer(ask, f"{address}?sslmode=disable")) == 1


@pytest.mark.parametrize("ask", [written, read])
def test_a_server_without_tls_is_refused_where_tls_is_asked_for(address: str, ask: Ask) -> None:
    with pytest.raises((ConnectionError, asyncpg.PostgresError), match="SSL"):
        asyncio.run(answer(ask, f"{address}?sslmode=require"))
