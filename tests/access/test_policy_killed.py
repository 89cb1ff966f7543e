"""Whoever is killed while putting a policy in force leaves nothing of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.running import SECRET
from tests.kit.starting import Process, forked

WAITING = """
select count(*) from pg_locks
where not granted and relation = 'access.policy_versions'::regclass
"""

FILE = """
roles:
  editor: {permissions: [access.roles.read]}
  viewer: {}
  clerk: {inherits: [viewer], permissions: [access.roles.read]}
policies:
  night: {effect: deny, roles: [clerk], permissions: [access.roles.read]}
"""


@pytest.fixture
def own_database() -> Generator[TestDatabase]:
    """A database that nobody else is connected to."""
    made = new_database(f"access_killed_{os.getpid()}")
    yield made
    drop_database(made)


@pytest_asyncio.fixture
async def owner(own_database: TestDatabase) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(own_database.owner_url)
    yield connection
    await connection.close()


async def app(database: TestDatabase, *words: str) -> Process:
    """Start `app ...` in a process of its own."""
    environment = {
        "DATABASE_URL": database.app_url,
        "MIGRATION_DATABASE_URL": database.owner_url,
        "SECRET_KEYS": SECRET,
    }
    return await asyncio.to_thread(forked, "bootstrap.cli", *words, environment=environment)


async def run(database: TestDatabase, *words: str) -> str:
    process = await app(database, *words)
    printed = "".join(await asyncio.to_thread(process.communicate))
    assert process.returncode == 0, printed
    return printed


async def test_a_policy_is_in_force_as_a_whole_or_not_at_all(
    own_database: TestDatabase, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(FILE)
    before = await run(own_database, "policy", "export")
    async with owner.transaction():
        # The version is written last: whoever waits for it has written everything else.
        await owner.execute("lock table access.policy_versions in exclusive mode")
        process = await app(own_database, "policy", "apply", str(file))
        async with asyncio.timeout(60):
            while not await owner.fetchval(WAITING):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.05)
        process.kill()
        await asyncio.to_thread(process.communicate)
    assert await run(own_database, "policy", "export") == before
    assert await owner.fetchval("select count(*) from access.roles where name = 'clerk'") == 0
    await run(own_database, "policy", "apply", str(file))
    assert "clerk" in await run(own_database, "policy", "export")
