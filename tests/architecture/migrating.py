"""Databases for the tests of migrations, and processes that migrate them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from uuid import uuid4

import asyncpg
from alembic import command
from sqlalchemy import Connection

from bootstrap.migrate.branches import Branches
from bootstrap.migrate.connection import over_connection
from tests.kit.cluster import TEMPLATE, TestDatabase, drop_database, new_database
from tests.kit.starting import Process, forked


@contextmanager
def scratch(*, migrated: bool) -> Generator[TestDatabase]:
    """A database of its own, empty or at every head."""
    name = f"migrating_{uuid4().hex[:12]}"
    made = new_database(name, template=TEMPLATE if migrated else None)
    try:
        yield made
    finally:
        drop_database(made)


def migrating(database: TestDatabase) -> Process:
    """Another process that migrates the database and prints what it applied."""
    return forked("tests.architecture.upgrading", database.owner_url, environment={})


def rows(url: str, statement: str, *values: object) -> list[tuple[object, ...]]:
    """Run one statement on a connection of its own."""

    async def talk() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement, *values)]
        finally:
            await connection.close()

    return asyncio.run(talk())


def refusals(url: str, statements: Iterable[str]) -> dict[str, str | None]:
    """Return the SQLSTATE with which each is refused; what one did is taken back."""

    async def talk() -> dict[str, str | None]:
        connection = await asyncpg.connect(url)
        try:
            return {one: await _refusal(connection, one) for one in statements}
        finally:
            await connection.close()

    return asyncio.run(talk())


def refusal(url: str, statement: str) -> str | None:
    """Return the SQLSTATE with which the statement is refused; what it did is taken back."""
    return refusals(url, [statement])[statement]


async def _refusal(connection: asyncpg.Connection, statement: str) -> str | None:
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(statement)
    except asyncpg.PostgresError as error:
        return error.sqlstate
    else:
        return None
    finally:
        await transaction.rollback()


def up_and_down(url: str, revision: str, lower: str) -> None:
    """Apply one revision, and no later one, and take it back."""

    def work(connection: Connection) -> None:
        settings = Branches().config(connection, transaction_per_migration=True)
        command.upgrade(settings, revision)
        command.downgrade(settings, lower)

    over_connection(url, work)


@contextmanager
def holding(url: str, statement: str) -> Generator[None]:
    """Keep the locks of one statement for a while."""
    with asyncio.Runner() as loop:
        connection = loop.run(asyncpg.connect(url))
        loop.run(connection.execute("begin"))
        loop.run(connection.execute(statement))
        yield
        loop.run(connection.close())


def until(met: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)
