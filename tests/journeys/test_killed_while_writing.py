"""The application and its database are killed while they write: what was acknowledged is stored."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import httpx2
import pytest

from bootstrap.postgres import EmbeddedPostgres
from tests.bootstrap.embedded import sql
from tests.bootstrap.processes import Server
from tests.journeys.killing import opened, serve, sign_in
from tests.kit.cluster import TestDatabase

WRITES = 150
WRITERS = 8


@pytest.mark.xdist_group("postgres")
def test_what_was_acknowledged_is_stored(durable: EmbeddedPostgres) -> None:
    database = asyncio.run(opened(durable, "yard"))

    acknowledged = asyncio.run(_write_and_kill(durable, database))

    stored = sql(database.owner_url, "select sku from catalog.products")
    told = sql(database.owner_url, "select subject_id from audit.events where action like 'cat%'")
    assert len(acknowledged) >= WRITES
    assert acknowledged <= {str(sku) for (sku,) in stored}
    assert len(told) == len(stored), "each product has its audit entry, and none is told twice"


async def _write_and_kill(postgres: EmbeddedPostgres, database: TestDatabase) -> set[str]:
    server = serve(database)
    try:
        ordeal = Ordeal(server, postgres, await sign_in(server))
        for part, victim in enumerate(("application", "database", "nobody"), 1):
            await ordeal.write(until=part * WRITES // 3, then_kill=victim)
            if victim == "application":
                ordeal.server = server = serve(database, port=server.port)
            elif victim == "database":
                await asyncio.to_thread(postgres.start)
    finally:
        server.process.kill()
        server.process.communicate()
    return ordeal.acknowledged


@dataclass(slots=True)
class Ordeal:
    """Writers that never stop by themselves, and what was acknowledged to them."""

    server: Server
    postgres: EmbeddedPostgres
    token: str
    acknowledged: set[str] = field(default_factory=set[str])
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def write(self, *, until: int, then_kill: str) -> None:
        """Write with all writers until so much is acknowledged, and kill in the middle of it."""
        over = asyncio.Event()

        async def writer(http: httpx2.AsyncClient) -> None:
            while not over.is_set():
                with suppress(httpx2.TransportError):
                    await self._write_one(http)
                if len(self.acknowledged) >= until and not over.is_set():
                    over.set()
                    self._kill(then_kill)

        signed = {"authorization": f"Bearer {self.token}"}
        async with (
            httpx2.AsyncClient(base_url=self.server.url, headers=signed, timeout=20) as http,
            asyncio.timeout(60),
        ):
            await asyncio.gather(*(writer(http) for _ in range(WRITERS)))

    async def _write_one(self, http: httpx2.AsyncClient) -> None:
        sku = f"KILL-{next(self.numbers)}"
        body = {"sku": sku, "name": sku, "price": {"amount": "1.00", "currency": "EUR"}}
        answer = await http.post("/v1/catalog/products", json=body)
        assert answer.status_code in {201, 503}, answer.text
        if answer.status_code == 201:
            self.acknowledged.add(sku)

    def _kill(self, victim: str) -> None:
        if victim == "application":
            self.server.process.kill()
            self.server.process.communicate()
        elif victim == "database":
            pid = self.postgres.status().pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
