"""The application is killed while it imports: another takes over, nothing is half there or twice.

Each moment is held by a lock in the database, so that no process is too fast to be killed in it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from bootstrap.runtime import System
from tests.bootstrap.processes import Server
from tests.catalog.sending import IMPORTS, NDJSON, setts
from tests.journeys.killing import appoint, serve, sign_in
from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.running import settings_for

COUNT, PATIENCE, LOCK = 2_500, 60, 4_711
STORED = """
    select (select count(*) from catalog.products), (select count(*) from catalog.product_history),
           (select count(*) from audit.events where action = 'catalog.ProductsImported')
"""
NOTHING, ALL = (0, 0, 0), (COUNT, COUNT, 1)
# Locks are told of all databases, in which the same tables have the same numbers.
WAITING = """
    select count(*) > 0 from pg_locks where not granted and {lock}
        and database = (select oid from pg_database where datname = current_database())
"""
WRITING = WAITING.format(lock="relation = 'catalog.product_history'::regclass")
ENDING = WAITING.format(lock="locktype = 'advisory'")
DEAD = "update operations.operations set held_until = now() - interval '1 second'"
SLOW_TO_END = f"""
    create function public.wait() returns trigger language plpgsql as $$
        begin perform pg_advisory_xact_lock({LOCK}); return new; end $$;
    create trigger wait before update on operations.operations for each row
        when (new.state = 'succeeded') execute function public.wait();
"""
AS_EVER = "drop trigger wait on operations.operations; drop function public.wait()"


def test_an_import_that_is_killed_is_done_again_by_the_next_process(tmp_path: Path) -> None:
    database = new_database(f"killed_importing_{os.getpid()}")
    try:
        asyncio.run(appoint(System.of(settings_for(database))))
        asyncio.run(_import_and_kill(database, str(tmp_path)))
    finally:
        drop_database(database)


async def _import_and_kill(database: TestDatabase, home: str) -> None:
    ordeal = Ordeal(database, home, await asyncpg.connect(database.owner_url))
    try:
        async with ordeal.held("lock table catalog.product_history in share mode"):
            place = await ordeal.send()
            await ordeal.until(WRITING)
            ordeal.kill()
        assert await ordeal.stored() == NOTHING
        await ordeal.sql.execute(SLOW_TO_END)
        async with ordeal.held(f"select pg_advisory_xact_lock({LOCK})"):
            await ordeal.go_on()
            await ordeal.until(ENDING)
            assert await ordeal.stored() == ALL
            ordeal.kill()
        await ordeal.sql.execute(AS_EVER)
        await ordeal.go_on()
        seen = await ordeal.over(place)
        assert (seen["state"], seen["result"]["products"]["unchanged"]) == ("succeeded", COUNT)
        assert await ordeal.stored() == ALL
    finally:
        ordeal.kill()
        await ordeal.sql.close()


@dataclass
class Ordeal:
    """A server that is killed and comes back, and somebody at the database."""

    database: TestDatabase
    home: str
    sql: asyncpg.Connection
    server: Server | None = None

    async def send(self) -> str:
        """Start a server and send it a file; return where its operation is."""
        server = await self._started()
        async with await self._client(server) as http:
            answer = await http.post(IMPORTS, content=setts(COUNT), headers=NDJSON)
        assert answer.status_code == 202, answer.text
        return str(answer.headers["location"])

    async def go_on(self) -> None:
        """Let the process that died be missed at once, and start the next one."""
        await self.sql.execute(DEAD)
        await self._started()

    def kill(self) -> None:
        if self.server is not None:
            self.server.process.kill()
            self.server.process.communicate()
            self.server = None

    async def over(self, place: str) -> dict[str, Any]:
        """Return the operation once it is over."""
        assert self.server is not None
        async with await self._client(self.server) as http, asyncio.timeout(PATIENCE):
            while (seen := (await http.get(place)).json())["finished_at"] is None:  # noqa: ASYNC110 - it is another process's to say
                await asyncio.sleep(0.05)
        return dict(seen)

    @asynccontextmanager
    async def held(self, lock: str) -> AsyncGenerator[None]:
        """Hold a lock meanwhile."""
        holder = await asyncpg.connect(self.database.owner_url)
        try:
            async with holder.transaction():
                await holder.execute(lock)
                yield
        finally:
            await holder.close()

    async def until(self, asked: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await self.sql.fetchval(asked):  # noqa: ASYNC110 - it is another process's to do
                await asyncio.sleep(0.02)

    async def stored(self) -> tuple[int, ...]:
        """Return how many products there are, lines of their histories, and imports told of."""
        return tuple(await self.sql.fetchrow(STORED) or ())

    async def _started(self) -> Server:
        started = await asyncio.to_thread(serve, self.database, CATALOG_SPOOL_DIR=self.home)
        self.server = started
        return started

    async def _client(self, server: Server) -> httpx2.AsyncClient:
        token = await sign_in(server)
        headers = {"authorization": f"Bearer {token}"}
        return httpx2.AsyncClient(base_url=server.url, headers=headers)
