"""Tells every process of the system that something changed: LISTEN and NOTIFY, coalesced.

A signal carries no data and may be lost while a connection is down: whoever listens also looks
for itself now and then. NOTIFY never runs inside a write transaction, where it would make commits
queue behind each other.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import asyncpg

from shared_kernel.adapters.sql.database import Database
from shared_kernel.adapters.sql.failures import AWAY_ERRORS

CHANNEL = "app_signals"
NOTIFY = "select pg_notify($1, topic) from unnest($2::text[]) as topic"
COALESCE_SECONDS = 0.02
RETRY_SECONDS = 0.5
CHECK_SECONDS = 5.0

log = logging.getLogger(__name__)

Hear = Callable[[], None]


class Signals:
    """Sends and hears signals by topic. Those who listen in this process hear at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hearers: dict[str, list[Hear]] = defaultdict(list)
        self._due: set[str] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def subscribe(self, topic: str, hear: Hear) -> None:
        """Call `hear` on every signal of the topic, and after every lost connection."""
        self._hearers[topic].append(hear)

    def send(self, topic: str) -> None:
        """Signal the topic, here now and elsewhere within some 20 ms. Call it after the commit."""
        self._tell(topic)
        self._due.add(topic)
        self._wake.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="signals")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def _tell(self, topic: str) -> None:
        for hear in self._hearers[topic]:
            hear()

    async def _run(self) -> None:
        while True:
            try:
                await self._serve()
            except (asyncpg.PostgresError, *AWAY_ERRORS) as error:
                log.warning("signals interrupted: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def _serve(self) -> None:
        connection = await self._database.connect(read_only=False)
        try:
            # A lost connection is found by using it, and it should be found at once.
            connection.add_termination_listener(lambda _: self._wake.set())
            await connection.add_listener(CHANNEL, self._heard)
            for topic in list(self._hearers):
                self._tell(topic)
            while True:
                await self._send_due(connection)
        finally:
            connection.terminate()

    def _heard(self, _connection: Any, _pid: int, _channel: str, topic: object) -> None:
        self._tell(str(topic))

    async def _send_due(self, connection: asyncpg.Connection) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CHECK_SECONDS):
                await self._wake.wait()
        topics, self._due = self._due, set()  # what is sent from now on is due once more
        self._wake.clear()
        try:  # no topic: only proves that the connection still lives
            await connection.execute(NOTIFY, CHANNEL, sorted(topics))
        except BaseException:
            self._due |= topics
            self._wake.set()
            raise
        await asyncio.sleep(COALESCE_SECONDS)
