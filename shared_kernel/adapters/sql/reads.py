"""A pool of read-only connections: the shortest way from a compiled select to its rows."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg
import orjson

from shared_kernel.adapters.sql.failures import AWAY_ERRORS
from shared_kernel.domain import Invalid, Unavailable

WAIT_SECONDS = 3.0

# The server is away, starting, stopping, or has no room. Reads may simply be asked again.
LOST = (*AWAY_ERRORS, asyncpg.CannotConnectNowError, asyncpg.AdminShutdownError,
        asyncpg.CrashShutdownError, asyncpg.TooManyConnectionsError)  # fmt: skip

# The server answers, and others stand in the way of this query, or it asks for too much.
TOO_LONG = (asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError,
            asyncpg.DeadlockDetectedError, TimeoutError)  # fmt: skip

Connect = Callable[[], Awaitable[asyncpg.Connection]]


class ReadPool:
    """Last in, first out: the connection used a moment ago is the one with warm caches.

    Read-only and in autocommit, so that nothing has to be reset between two uses. A connection
    that broke or whose query was cancelled is dropped, never lent again. `waiting` and `open`
    are there to be measured.
    """

    def __init__(self, connect: Connect, *, size: int) -> None:
        self._connect, self._size = connect, size
        self._free: list[asyncpg.Connection] = []
        self._waiters: deque[asyncio.Future[asyncpg.Connection | None]] = deque()
        self._parting: set[asyncio.Task[None]] = set()
        self._closed = False
        self.open = 0

    @property
    def waiting(self) -> int:
        """How many queries wait for a connection."""
        return len(self._waiters)

    async def fetch(self, sql: str, *values: object) -> Sequence[asyncpg.Record]:
        """Run one statement and return its rows.

        A query whose connection turns out to be broken is asked once more on a new one. Raises
        Invalid for a value PostgreSQL cannot hold; Unavailable when the server is away, takes too
        long, or every connection stays taken for 3 seconds.
        """
        try:
            return await self._persist(sql, values)
        except asyncpg.DataError as error:
            raise Invalid("a value is outside what can be stored") from error
        except TOO_LONG as error:
            raise Unavailable("the query took too long") from error
        except LOST as error:
            raise Unavailable("the database does not answer", retry_after=2) from error

    async def close(self) -> None:
        """Close the idle connections. Those in use are closed when they come back."""
        self._closed = True
        idle, self._free = self._free, []
        self.open -= len(idle)
        for connection in idle:
            await _closed(connection)
        await asyncio.gather(*self._parting)

    async def _persist(self, sql: str, values: Sequence[object]) -> Sequence[asyncpg.Record]:
        try:
            return await self._attempt(sql, values)
        except TimeoutError:  # an OSError, too, and no sign of a broken connection
            raise
        except LOST:
            self._drop_idle()
        return await self._attempt(sql, values)

    async def _attempt(self, sql: str, values: Sequence[object]) -> Sequence[asyncpg.Record]:
        connection = await self._take()
        try:
            rows: Sequence[asyncpg.Record] = await connection.fetch(sql, *values)
        except (asyncio.CancelledError, TimeoutError):
            self._part_with(connection)
            raise
        except LOST:
            self._discard(connection)
            raise
        except BaseException:
            self._give_back(connection)
            raise
        self._give_back(connection)
        return rows

    async def _take(self) -> asyncpg.Connection:
        while not self._closed:
            while self._free:
                connection = self._free.pop()
                if not connection.is_closed():
                    return connection
                self.open -= 1
            if self.open < self._size:
                return await self._connect_one()
            if (handed := await self._wait()) is not None:
                return handed
        raise Unavailable("the process is stopping")

    async def _connect_one(self) -> asyncpg.Connection:
        self.open += 1
        connection: asyncpg.Connection | None = None
        try:
            connection = await self._connect()
            await _speak_json(connection)
        except BaseException as error:
            if connection is not None:
                connection.terminate()
            self._leave_room()
            if isinstance(error, TimeoutError):
                raise Unavailable("the database does not answer", retry_after=2) from error
            raise
        return connection

    async def _wait(self) -> asyncpg.Connection | None:
        waiter: asyncio.Future[asyncpg.Connection | None] = (
            asyncio.get_running_loop().create_future()
        )
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await waiter
        except TimeoutError as error:
            self._return_unclaimed(waiter)
            raise Unavailable("every database connection is in use") from error
        except BaseException:
            self._return_unclaimed(waiter)
            raise

    def _return_unclaimed(self, waiter: asyncio.Future[asyncpg.Connection | None]) -> None:
        if waiter.done() and not waiter.cancelled():
            if (connection := waiter.result()) is not None:
                self._give_back(connection)
            else:
                self._wake(None)
        elif waiter in self._waiters:
            self._waiters.remove(waiter)

    def _give_back(self, connection: asyncpg.Connection) -> None:
        if connection.is_closed() or self._closed:
            self._discard(connection)
        elif not self._wake(connection):
            self._free.append(connection)

    def _discard(self, connection: asyncpg.Connection) -> None:
        connection.terminate()
        self._leave_room()

    def _part_with(self, connection: asyncpg.Connection) -> None:
        """Have the server stop what nobody waits for, then close; only then is there room again."""
        task = asyncio.create_task(self._part(connection))
        self._parting.add(task)
        task.add_done_callback(self._parting.discard)

    async def _part(self, connection: asyncpg.Connection) -> None:
        try:
            await _closed(connection)
        finally:
            self._discard(connection)

    def _leave_room(self) -> None:
        self.open -= 1
        self._wake(None)

    def _wake(self, connection: asyncpg.Connection | None) -> bool:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def _drop_idle(self) -> None:
        while self._free:
            self._discard(self._free.pop())


async def _closed(connection: asyncpg.Connection) -> None:
    """Close in good order, which includes cancelling what still runs; within a second."""
    with contextlib.suppress(TimeoutError, *LOST):
        await connection.close(timeout=1)


async def _speak_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_dump, decoder=orjson.loads, format="text"
    )


def _dump(value: Any) -> str:
    return orjson.dumps(value).decode()
