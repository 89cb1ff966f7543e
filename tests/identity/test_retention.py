"""What is over is forgotten: at once, or once nobody wants to look at it any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.sql import SqlLeftovers
from modules.identity.adapters.sql.retention import BATCH, KINDS
from modules.identity.application.retention import ForgetPast
from modules.identity.ports.retention import Leftover
from shared_kernel.adapters import upkeep
from shared_kernel.adapters.sql import Database
from tests.kit.cluster import TestDatabase
from tests.kit.identity import NOON, MovableClock
from tests.kit.people import People, Person
from tests.kit.running import client_of, running

REFRESH, LOGOUT = "/v1/identity/refresh", "/v1/identity/logout"
KEPT_FOR = timedelta(days=90)

ACCOUNT = """
    insert into identity.accounts
        (id, version, email, email_normalized, status, registered_at)
    values (gen_random_uuid(), 1, 'ada@example.com', 'ada@example.com', 'active', now())
    returning id
"""
SESSIONS = """
    insert into identity.sessions (id, version, account_id, family, refresh_hash, started_at,
        last_used_at, expires_at, ended_at, name)
    select gen_random_uuid(), 1, $1, gen_random_uuid(), '', $2::timestamptz, $2,
        $2::timestamptz + interval '30 days', $3, $4
    from generate_series(1, $5::int)
"""
KEYS = """
    insert into identity.api_keys (id, version, account_id, name, scope, methods, secret_hash,
        created_at, expires_at, revoked_at)
    values (gen_random_uuid(), 1, $1, $2, '{}', '{}', '', $3, $3, $4)
"""
LINKS = """
    insert into identity.links (id, account_id, purpose, token_hash, email, email_normalized,
        expires_at)
    values (gen_random_uuid(), $1, 'verify', sha256($2::text::bytea), $2, $2, $3)
"""
WAITING = """
    insert into identity.pending_sign_ins
        (token_hash, account_id, methods, password_print, attempts, expires_at)
    values (sha256('waiting'), $1, '{}', '', 0, $2)
"""


@pytest_asyncio.fixture
async def rows(database: TestDatabase, clean: None) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def forget(database: TestDatabase) -> AsyncGenerator[ForgetPast]:
    """Forgetting, with the rights the application has."""
    opened = Database(database.app_url)
    yield ForgetPast(SqlLeftovers(opened), MovableClock(), KEPT_FOR)
    await opened.close()


async def names(rows: asyncpg.Connection, table: str, column: str = "name") -> list[str]:
    found = await rows.fetch(f"select {column} from identity.{table} order by 1")
    return [row[0] for row in found]


async def test_sessions_that_ended_or_expired_long_ago_go_and_all_others_stay(
    rows: asyncpg.Connection, forget: ForgetPast
) -> None:
    account, long_ago = await rows.fetchval(ACCOUNT), NOON - KEPT_FOR - timedelta(hours=1)
    lately = NOON - KEPT_FOR + timedelta(hours=1)
    for name, started, ended in (
        ("ended long ago", long_ago, long_ago),
        ("ended lately", long_ago - timedelta(days=2), lately),
        ("expired long ago", long_ago - timedelta(days=30), None),
        ("expired lately", lately - timedelta(days=30), None),
        ("goes on", NOON, None),
    ):
        await rows.execute(SESSIONS, account, started, ended, name, 1)
    done = await forget()
    assert done[Leftover.SESSIONS] == 2
    assert await names(rows, "sessions") == ["ended lately", "expired lately", "goes on"]


async def test_keys_revoked_or_expired_long_ago_go(
    rows: asyncpg.Connection, forget: ForgetPast
) -> None:
    account, long_ago = await rows.fetchval(ACCOUNT), NOON - KEPT_FOR - timedelta(hours=1)
    for name, expires, revoked in (
        ("revoked long ago", NOON + KEPT_FOR, long_ago),
        ("revoked lately", long_ago, NOON - timedelta(hours=1)),
        ("expired long ago", long_ago, None),
        ("in force", NOON + KEPT_FOR, None),
    ):
        await rows.execute(KEYS, account, name, expires, revoked)
    assert (await forget())[Leftover.API_KEYS] == 2
    assert await names(rows, "api_keys") == ["in force", "revoked lately"]


async def test_links_and_waiting_sign_ins_go_as_soon_as_they_are_over(
    rows: asyncpg.Connection, forget: ForgetPast
) -> None:
    account, second = await rows.fetchval(ACCOUNT), timedelta(seconds=1)
    await rows.execute(LINKS, account, "over", NOON - second)
    await rows.execute(LINKS, account, "good", NOON + second)
    await rows.execute(WAITING, account, NOON - second)
    await forget()
    assert await names(rows, "links", "email") == ["good"]
    assert await rows.fetchval("select count(*) from identity.pending_sign_ins") == 0


async def test_many_go_in_batches_and_of_two_who_forget_at_once_neither_waits_or_fails(
    rows: asyncpg.Connection, forget: ForgetPast
) -> None:
    account, many = await rows.fetchval(ACCOUNT), 2 * BATCH + 500
    long_ago = NOON - 2 * KEPT_FOR
    await rows.execute(SESSIONS, account, long_ago, long_ago, None, many)
    done = await asyncio.gather(*[forget() for _ in range(4)])
    assert sum(one[Leftover.SESSIONS] for one in done) == many
    assert await rows.fetchval("select count(*) from identity.sessions") == 0


async def test_what_somebody_holds_is_left_for_another_time(
    rows: asyncpg.Connection, forget: ForgetPast
) -> None:
    account, long_ago = await rows.fetchval(ACCOUNT), NOON - 2 * KEPT_FOR
    await rows.execute(SESSIONS, account, long_ago, long_ago, "held", 1)
    async with rows.transaction():
        await rows.execute("select 1 from identity.sessions for update")
        assert (await forget())[Leftover.SESSIONS] == 0
    assert (await forget())[Leftover.SESSIONS] == 1


@pytest.mark.parametrize("what", [Leftover.SESSIONS, Leftover.API_KEYS, Leftover.LINKS])
async def test_what_is_over_is_found_by_indexes(
    rows: asyncpg.Connection, database: TestDatabase, what: Leftover
) -> None:
    opened = Database(database.app_url)
    statement = str(
        KINDS[what].some(NOON).compile(opened.engine, compile_kwargs={"literal_binds": True})
    )
    await opened.close()
    async with rows.transaction():
        await rows.execute("set local enable_seqscan = off")
        plan = [row[0] for row in await rows.fetch(f"explain {statement}")]
    scans = [line for line in plan if "Scan" in line]
    assert not [line for line in scans if "Seq Scan" in line], "\n".join(plan)


async def test_a_forgotten_session_opens_nothing(
    people: People, rows: asyncpg.Connection, forget: ForgetPast
) -> None:
    person: Person = await people.register()
    assert (await person.http.post(LOGOUT)).status_code == httpx2.codes.NO_CONTENT
    await rows.execute("update identity.sessions set ended_at = $1", NOON - 2 * KEPT_FOR)
    assert (await forget())[Leftover.SESSIONS] == 1
    body = {"refresh_token": person.refresh_token}
    assert (await person.http.post(REFRESH, json=body)).status_code == 401
    assert (await person.http.get("/v1/identity/me")).status_code == 401


async def test_a_running_application_forgets_by_itself(
    settings: PlatformSettings, rows: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "EVERY_SECONDS", 0.05)
    account = await rows.fetchval(ACCOUNT)
    await rows.execute(LINKS, account, "over", NOON - timedelta(days=3650))
    await rows.execute(LINKS, account, "good", NOON + timedelta(days=3650))
    async with running(settings) as app, client_of(app):
        async with asyncio.timeout(10):
            while await names(rows, "links", "email") != ["good"]:  # noqa: ASYNC110 - another connection writes
                await asyncio.sleep(0.05)
