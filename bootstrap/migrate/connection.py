"""A connection for migrations, and what can go wrong on it, in plain words."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from shared_kernel.adapters.sql.database import engine_url

T = TypeVar("T")

TURN = 7_302_115_468_012_338_001  # any number, the same for every process that migrates
TURN_PAUSE = 0.1

LOCK_NOT_AVAILABLE = "55P03"
# SQLSTATE classes: connection, resources, operator intervention, authorization, no such database.
AWAY = ("08", "53", "57", "28", "3D")
NOT_ALLOWED = "42501"


class MigrationFailed(Exception):
    """The migrations did not run. What was applied before stays; run them again."""


class DatabaseAway(MigrationFailed):
    """No usable connection to the database."""


class TableLocked(MigrationFailed):
    """Somebody kept a lock for longer than a migration waits."""


class NotAllowed(MigrationFailed):
    """The role lacks a right that migrations need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait, in seconds.

    A statement that waits for a lock makes everyone wait who comes after it. So each waits only
    `lock`, and the migration is tried again, `attempts` times in all, after a `pause` in which
    the others go ahead. `turn` is for another process that migrates.
    """

    lock: float = 3.0
    attempts: int = 8
    pause: float = 2.0
    turn: float = 600.0


def over_connection(url: str, work: Callable[[Connection], T]) -> T:
    """Do the work over a connection of its own. Raises MigrationFailed in plain words."""
    return asyncio.run(_over(url, work))


def in_turn(url: str, patience: Patience, work: Callable[[Connection], T]) -> T:
    """Do the work while no other process migrates this database. Raises MigrationFailed."""

    def taken(connection: Connection) -> T:
        _take_turn(connection, patience)
        return work(connection)

    return over_connection(url, taken)


def lock_was_missed(error: DBAPIError) -> bool:
    """Say whether a statement gave up waiting for a lock."""
    return _state(error) == LOCK_NOT_AVAILABLE


def _take_turn(connection: Connection, patience: Patience) -> None:
    # Held by the session, not by a transaction: each revision commits on its own, so that one
    # may build an index concurrently. It ends with the connection, however that ends.
    end = time.monotonic() + patience.turn
    while not connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": TURN}):
        # Asked again and again, between transactions: an index that is built concurrently waits
        # for every transaction there is, and one that waits for the builder never ends.
        connection.commit()
        if time.monotonic() >= end:
            raise TableLocked(
                f"another process has been migrating this database for {patience.turn:g} s"
            )
        time.sleep(TURN_PAUSE)
    _wait_at_most(connection, patience.lock)
    connection.execute(text("set statement_timeout = 0"))
    connection.commit()


def _wait_at_most(connection: Connection, seconds: float) -> None:
    connection.execute(text(f"set lock_timeout = {int(seconds * 1000)}"))


async def _over(url: str, work: Callable[[Connection], T]) -> T:
    try:
        async with _connected(url) as connection:
            return await connection.run_sync(work)
    except (OSError, DBAPIError) as error:
        raise _explained(error) from error
    except Exception as error:
        # While it connects, the driver's errors come as they are.
        if isinstance(error, MigrationFailed) or not _state(error):
            raise
        raise _explained(error) from error


@asynccontextmanager
async def _connected(url: str) -> AsyncGenerator[AsyncConnection]:
    engine = create_async_engine(
        engine_url(url),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"timeout": 10},
    )
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


def _explained(error: Exception) -> MigrationFailed:
    state, said = _state(error), _said(error)
    if state == LOCK_NOT_AVAILABLE:
        return TableLocked(f"a table stays locked by another session{_statement(error)}")
    if state == NOT_ALLOWED:
        return NotAllowed(
            f"the role may not migrate ({said}): let MIGRATION_DATABASE_URL name the owner"
        )
    if not state or state.startswith(AWAY) or getattr(error, "connection_invalidated", False):
        return DatabaseAway(f"the database does not answer: {said}")
    return MigrationFailed(f"the database refused: {said}{_statement(error)}")


def _state(error: Exception) -> str:
    cause = getattr(getattr(error, "orig", None), "__cause__", None)
    return getattr(cause or error, "sqlstate", None) or ""


def _said(error: Exception) -> str:
    cause = getattr(getattr(error, "orig", None), "__cause__", None) or error
    return str(cause) or type(cause).__name__


def _statement(error: Exception) -> str:
    statement = getattr(error, "statement", None)
    return f", at: {' '.join(str(statement).split())[:200]}" if statement else ""
