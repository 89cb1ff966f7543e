"""The engine for writes and the pool for reads. One of each per process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import URL, AdaptedConnection, make_url
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from shared_kernel.adapters.sql.failures import AWAY_ERRORS
from shared_kernel.adapters.sql.reads import ReadPool

# What a session may cost the server, in milliseconds. A statement that runs longer than a client
# waits only keeps others from running; a forgotten transaction keeps locks and old rows.
LIMITS = {
    "statement_timeout": "10000",
    "lock_timeout": "3000",
    "idle_in_transaction_session_timeout": "10000",
    "timezone": "UTC",
    "jit": "off",
}
CONNECT_SECONDS = 5.0
COMMAND_SECONDS = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSizes:
    """Connections per process: for units of work, and for queries."""

    writes: int = 10
    reads: int = 20


class Database:
    """Gives out sessions for units of work, and the read pool for queries."""

    def __init__(self, url: str, sizes: PoolSizes | None = None) -> None:
        sizes = sizes or PoolSizes()
        self.dsn = driver_url(url)
        self.engine = _engine(url, sizes.writes)
        self.session = async_sessionmaker(self.engine, class_=AsyncSession, expire_on_commit=False)
        self.reads = ReadPool(self.connect, size=sizes.reads)

    async def connect(self, *, read_only: bool = True) -> asyncpg.Connection:
        """Open a connection outside the pools; the one who opens it closes it."""
        limits = {**LIMITS, "default_transaction_read_only": "on"} if read_only else LIMITS
        return await asyncpg.connect(
            self.dsn,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings=limits,
        )

    async def ping(self) -> None:
        """Ask the server for an answer. Raises Unavailable when none comes."""
        await self.reads.fetch("select 1")

    async def close(self) -> None:
        await asyncio.gather(self.reads.close(), self.engine.dispose())


def _engine(url: str, size: int) -> AsyncEngine:
    engine = create_async_engine(
        engine_url(url),
        pool_size=size,
        max_overflow=0,
        pool_timeout=3,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": COMMAND_SECONDS,
            "server_settings": LIMITS,
        },
    )
    event.listen(engine.sync_engine, "checkout", _ask_for_an_answer)
    return engine


def _ask_for_an_answer(connection: AdaptedConnection, *_: object) -> None:
    """Have a connection that is lost replaced before it is used, with all that are as old.

    The ping of SQLAlchemy does so in a transaction of its own, which takes three answers. One is
    enough, also behind a pooler: the simple protocol leaves nothing on the server.
    """
    try:
        connection.run_async(_select_nothing)
    except (asyncpg.PostgresError, *AWAY_ERRORS) as lost:
        raise InvalidatePoolError from lost


async def _select_nothing(connection: asyncpg.Connection) -> None:
    await connection.execute("select")


def driver_url(url: str) -> str:
    """Return the URL in the form the driver takes: `postgresql://...`.

    Raises ValueError for anything that is no PostgreSQL URL, without repeating it.
    """
    try:
        parsed = make_url(url)
    except (SQLAlchemyError, ValueError):
        raise ValueError("is not a URL of the form postgresql://user:password@host/name") from None
    if parsed.drivername.partition("+")[0] not in {"postgresql", "postgres"}:
        raise ValueError("does not start with postgresql://")
    return parsed.set(drivername="postgresql").render_as_string(hide_password=False)


def engine_url(url: str) -> URL:
    """Return the URL in the form SQLAlchemy takes, which knows `sslmode` by the name `ssl`."""
    parsed = make_url(driver_url(url)).set(drivername="postgresql+asyncpg")
    if (mode := parsed.query.get("sslmode")) is None:
        return parsed
    return parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
