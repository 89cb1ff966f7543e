"""Whoever is killed while changing the policy leaves all of the change, or nothing of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.running import SECRET
from tests.kit.starting import Process, forked

WAITING = "select count(*) from pg_locks where not granted and relation = $1::regclass"

# In the order in which a change writes; whoever waits for one of them has written those before.
MOMENTS = ("access.roles", "access.policy_permissions", "access.policy_versions", "audit.events")

STATE = """
select (select version from access.policy_version),
    (select max(version) from access.policy_versions),
    (select count(*) from access.policies),
    (select count(*) from access.assignments),
    (select count(*) from audit.events where action like 'access.%')
"""
# What the newest version says there is, what there is, and what of it the audit log tells.
AGREEMENT = """
with newest as (select * from access.policy_versions order by version desc limit 1)
select (select array_agg(name order by name) from jsonb_object_keys(document->'policies') as name),
    (select array_agg(name order by name) from access.policies),
    (select array_agg(name order by name) from jsonb_object_keys(document->'roles') as name),
    (select array_agg(name order by name) from access.roles),
    (select count(*) from audit.events
        where action like 'access.Policy%' and detail->>'version' = newest.version::text)
from newest
"""
MANY = 40

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


async def row(owner: asyncpg.Connection, question: str) -> tuple[Any, ...]:
    """Return the only row that answers a question."""
    (found,) = await owner.fetch(question)
    return tuple(found)


async def killed(database: TestDatabase, owner: asyncpg.Connection, at: str, *words: str) -> None:
    """Run `app ...` until it wants to write into a table, and kill it there."""
    async with owner.transaction():
        await owner.execute(f"lock table {at} in exclusive mode")
        process = await app(database, *words)
        async with asyncio.timeout(60):
            while not await owner.fetchval(WAITING, at):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.05)
        process.kill()
        await asyncio.to_thread(process.communicate)


async def require_agreement(owner: asyncpg.Connection, *, told: int) -> None:
    """The newest version says what there is, and the audit log told of so many policies then."""
    kept, policies, named, roles, entries = await row(owner, AGREEMENT)
    assert (kept, named, entries) == (policies, roles, told)


def large(file: Path) -> Path:
    """Write a file with many policies."""
    many = (
        f"  quiet-{n}: {{effect: deny, roles: [clerk], permissions: [access.roles.read]}}\n"
        for n in range(MANY - 1)
    )
    file.write_text(FILE + "".join(many))
    return file


async def test_a_policy_is_in_force_as_a_whole_or_not_at_all(
    own_database: TestDatabase, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    words = ("policy", "apply", str(large(tmp_path / "policy.yaml")))
    exported = await run(own_database, "policy", "export")
    before = await row(owner, STATE)
    for moment in MOMENTS:
        await killed(own_database, owner, moment, *words)
        assert await row(owner, STATE) == before, moment
        assert await run(own_database, "policy", "export") == exported, moment
    await run(own_database, *words)
    assert "quiet-7" in await run(own_database, "policy", "export")
    await require_agreement(owner, told=MANY)
    assert (await row(owner, STATE))[:2] == (before[0] + 1, before[0] + 1)


async def test_who_is_killed_right_after_the_change_has_made_it(
    own_database: TestDatabase, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    file = large(tmp_path / "policy.yaml")
    await run(own_database, "policy", "export")
    version = (await row(owner, STATE))[1]
    process = await app(own_database, "policy", "apply", str(file))
    async with asyncio.timeout(60):
        while (await row(owner, STATE))[1] == version:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.001)
    process.kill()
    await asyncio.to_thread(process.communicate)
    await require_agreement(owner, told=MANY)
    told = await run(own_database, "policy", "diff", str(file))
    assert told.startswith("the file is in force\n"), told


async def test_a_rollback_is_made_as_a_whole_or_not_at_all(
    own_database: TestDatabase, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    first = await run(own_database, "policy", "export")
    version = (await row(owner, STATE))[1]
    await run(own_database, "policy", "apply", str(large(tmp_path / "policy.yaml")))
    applied, before = await run(own_database, "policy", "export"), await row(owner, STATE)
    for moment in ("access.policy_permissions", "access.policy_versions", "audit.events"):
        await killed(own_database, owner, moment, "policy", "rollback", str(version))
        assert await row(owner, STATE) == before, moment
        assert await run(own_database, "policy", "export") == applied, moment
    await run(own_database, "policy", "rollback", str(version))
    assert await run(own_database, "policy", "export") == first
    await require_agreement(owner, told=MANY)


async def test_an_assignment_is_made_with_its_version_and_its_entry_or_not_at_all(
    own_database: TestDatabase, owner: asyncpg.Connection
) -> None:
    await run(own_database, "user", "create-admin", "admin@example.com")
    before = await row(owner, STATE)
    words = ("access", "assign", "admin@example.com", "editor")
    for moment in ("access.policy_version", "access.assignments", "audit.events"):
        await killed(own_database, owner, moment, *words)
        assert await row(owner, STATE) == before, moment
    await run(own_database, *words)
    after = await row(owner, STATE)
    assert [now - was for was, now in zip(before, after, strict=True)] == [1, 0, 0, 1, 1]
    assert "editor" in await run(own_database, "access", "assignments")
