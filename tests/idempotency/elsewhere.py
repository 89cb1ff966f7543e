"""Another process that is about to commit what was asked for under a key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx2

from tests.idempotency.world import Call
from tests.kit.cluster import TestDatabase

WAITING = """
    select exists (
        select from pg_locks
        where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))
    )
"""
LAST = "delete from platform.keyed_requests where noted_at = $1 returning *"
NEWEST = "select max(noted_at) from platform.keyed_requests"


@dataclass(slots=True)
class Elsewhere:
    """A transaction of its own, which has noted a request and is not over."""

    connection: asyncpg.Connection
    transaction: Any

    async def carries_out(self, call: Call, http: httpx2.AsyncClient, key: str) -> httpx2.Response:
        """Do what is asked, and then be as far as just before the commit of its note.

        What it made is there already: only the note can keep it from being made again.
        """
        made = await call.send(http, key)
        newest = await self.connection.fetchval(NEWEST)
        row = await self.connection.fetchrow(LAST, newest)
        assert row is not None
        await self.transaction.start()
        places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
        insert = f"insert into platform.keyed_requests values ({places})"
        await self.connection.execute(insert, *row.values())
        return made

    async def is_waited_for(self) -> None:
        """Wait until somebody waits for the transaction."""
        await until_waited_for(self.connection)


@asynccontextmanager
async def elsewhere_on(database: TestDatabase) -> AsyncGenerator[Elsewhere]:
    """Another process on the database."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        yield Elsewhere(connection, connection.transaction())
    finally:
        await connection.close()


async def until_waited_for(connection: asyncpg.Connection) -> None:
    """Wait until somebody waits for a lock that the connection holds."""
    async with asyncio.timeout(10):
        while not await connection.fetchval(WAITING):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
