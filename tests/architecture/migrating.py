"""Databases for the tests of migrations, and processes that migrate them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg

from tests.kit.cluster import TEMPLATE, TestDatabase, drop_database, new_database

ROOT = Path(__file__).parents[2]
# Forks after the imports: the processes start at the same moment, and cheaply.
MIGRATE = """
import os, sys
from bootstrap import collector
collector.collect_seldom()
from bootstrap import migrate
migrate.schemas()
url, many = sys.argv[1], int(sys.argv[2])
children = []
for _ in range(many - 1):
    pid = os.fork()
    if not pid:
        children = []
        break
    children.append(pid)
print(*migrate.upgrade(url, app_role="app"), flush=True)
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""


@contextmanager
def scratch(*, migrated: bool) -> Generator[TestDatabase]:
    """A database of its own, empty or at every head."""
    name = f"migrating_{uuid4().hex[:12]}"
    made = new_database(name, template=TEMPLATE if migrated else None)
    try:
        yield made
    finally:
        drop_database(made)


def migrating(database: TestDatabase, *, processes: int = 1) -> subprocess.Popen[str]:
    """Another process that migrates the database, or several; each prints what it applied."""
    return subprocess.Popen(
        [sys.executable, "-c", MIGRATE, database.owner_url, str(processes)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rows(url: str, statement: str, *values: object) -> list[tuple[object, ...]]:
    """Run one statement on a connection of its own."""

    async def talk() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement, *values)]
        finally:
            await connection.close()

    return asyncio.run(talk())


def refusal(url: str, statement: str) -> str | None:
    """Return the SQLSTATE with which the statement is refused; what it did is taken back."""

    async def talk() -> str | None:
        connection = await asyncpg.connect(url)
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(statement)
        except asyncpg.PostgresError as error:
            return error.sqlstate
        else:
            return None
        finally:
            await connection.close()

    return asyncio.run(talk())


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
