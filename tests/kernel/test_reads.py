"""The read pool: bounded, last in first out, and none the worse for whatever happens to a query."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import partial

import asyncpg
import pytest
import pytest_asyncio

from shared_kernel.adapters.sql import Database, PoolSizes, ReadPool, reads
from shared_kernel.domain import Invalid, Unavailable
from tests.kernel.garden import execute, until
from tests.kit.cluster import TestDatabase

ME = "select pg_backend_pid()"
SLEEP = "select pg_sleep(30)"
OTHERS = """
    select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and backend_type = 'client backend'
"""


class Hesitant(asyncpg.Connection):
    """A connection that never gets ready for use."""

    async def set_type_codec(self, *names: object, **options: object) -> None:
        await asyncio.sleep(30)


@pytest_asyncio.fixture
async def opened(ground: TestDatabase) -> AsyncGenerator[Database]:
    made = Database(ground.app_url, PoolSizes(reads=3))
    yield made
    await made.close()


@pytest.fixture
def pool(opened: Database) -> ReadPool:
    return opened.reads


async def pid(pool: ReadPool) -> int:
    return int((await pool.fetch(ME))[0][0])


async def test_it_opens_no_more_connections_than_it_may(pool: ReadPool) -> None:
    pids = await asyncio.gather(
        *(pool.fetch("select pg_backend_pid(), pg_sleep(0.01)") for _ in range(30))
    )
    assert len({rows[0][0] for rows in pids}) == pool.open == 3
    assert pool.waiting == 0


async def test_it_lends_the_connection_used_last(pool: ReadPool) -> None:
    await asyncio.gather(*(pool.fetch("select pg_sleep(0.05)") for _ in range(3)))
    last = await pid(pool)
    assert [await pid(pool) for _ in range(10)] == [last] * 10


async def test_it_reads_and_cannot_write(pool: ReadPool) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await pool.fetch("insert into garden.deeds (who, plant_id, height) values ('x', null, 1)")
    assert await pool.fetch("select 1")


async def test_a_connection_that_was_closed_is_replaced_unnoticed(
    ground: TestDatabase, pool: ReadPool
) -> None:
    await asyncio.gather(*(pool.fetch("select pg_sleep(0.05)") for _ in range(3)))
    closed = await pid(pool)
    await execute(
        ground.app_url,
        "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where usename ="
        " current_user and datname = current_database() and pid <> pg_backend_pid()",
    )
    assert await pid(pool) != closed
    await asyncio.gather(*(pool.fetch("select pg_sleep(0.05)") for _ in range(6)))
    assert pool.open == 3


async def _others_are(pool: ReadPool, number: int) -> bool:
    return bool((await pool.fetch(OTHERS))[0][0] == number)


async def test_a_connection_nobody_waits_for_any_more_is_not_left_open(
    opened: Database, pool: ReadPool
) -> None:
    hesitant = ReadPool(lambda: asyncpg.connect(opened.dsn, connection_class=Hesitant), size=1)
    await pool.fetch("select 1")
    task = asyncio.create_task(hesitant.fetch("select 1"))
    await until(partial(_others_are, pool, 1))
    task.cancel()
    await until(partial(_others_are, pool, 0))
    assert hesitant.open == 0


@pytest.mark.parametrize(
    ("sql", "refused"), [("select 1 / 0", Invalid), ("select pg_sleep(9)", Unavailable)]
)
async def test_what_is_asked_again_on_a_new_connection_is_refused_alike(
    opened: Database, sql: str, refused: type[Exception]
) -> None:
    broken = [True, False]

    async def connect() -> asyncpg.Connection:
        made = await asyncpg.connect(opened.dsn, server_settings={"statement_timeout": "100"})
        if broken.pop(0):
            made.terminate()
        return made

    pool = ReadPool(connect, size=1)
    with pytest.raises(refused):
        await pool.fetch(sql)
    await pool.close()


async def test_the_connection_of_a_cancelled_query_is_never_lent_again(pool: ReadPool) -> None:
    used = await pid(pool)
    task = asyncio.create_task(pool.fetch(SLEEP))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await pid(pool) != used
    await until(lambda: _is_at_most(pool, 1))


async def test_a_cancelled_query_does_not_go_on_in_the_server(
    ground: TestDatabase, pool: ReadPool
) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await pool.fetch("select pg_sleep(30) as forgotten")
    running = "select count(*) from pg_stat_activity where query ~ $1 and pid <> pg_backend_pid()"

    async def it_ended() -> bool:
        return bool(await execute(ground.app_url, running, "as forgotten$") == 0)

    await until(it_ended, 20)  # by itself it would take half a minute


async def _is_at_most(pool: ReadPool, count: int) -> bool:
    return pool.open <= count


async def test_waiting_for_a_connection_ends(
    pool: ReadPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "WAIT_SECONDS", 0.2)
    holders = [asyncio.create_task(pool.fetch(SLEEP)) for _ in range(3)]
    await asyncio.sleep(0.1)
    with pytest.raises(Unavailable, match="in use"):
        await pool.fetch("select 1")
    assert pool.waiting == 0
    for holder in holders:
        holder.cancel()
    await asyncio.gather(*holders, return_exceptions=True)
    assert (await pool.fetch("select 1"))[0][0] == 1


async def test_those_who_wait_are_served_when_a_holder_is_cancelled(pool: ReadPool) -> None:
    holders = [asyncio.create_task(pool.fetch(SLEEP)) for _ in range(3)]
    await asyncio.sleep(0.1)
    waiting = [asyncio.create_task(pid(pool)) for _ in range(5)]
    await asyncio.sleep(0)
    holders[0].cancel()
    async with asyncio.timeout(20):  # by itself it would take half a minute
        assert len(await asyncio.gather(*waiting)) == 5
    for holder in holders:
        holder.cancel()
    await asyncio.gather(*holders, return_exceptions=True)


async def test_thousands_of_cancelled_and_failed_queries_leak_nothing(
    ground: TestDatabase, opened: Database
) -> None:
    pool = opened.reads

    async def fare(number: int) -> None:
        match number % 4:
            case 0:
                await pool.fetch("select 1 / 0")
            case 1:
                await pool.fetch("select $1::text", "a\0b")
            case 2 if number % 40 == 2:
                async with asyncio.timeout(0.001):
                    await pool.fetch("select pg_sleep(0.002)")
            case _:
                async with asyncio.timeout(0.05):
                    await pool.fetch("select 1")

    for start in range(0, 2_000, 50):
        turn = (fare(number) for number in range(start, start + 50))
        await asyncio.gather(*turn, return_exceptions=True)
    assert pool.waiting == 0
    assert pool.open <= 3
    assert (await pool.fetch("select 1"))[0][0] == 1

    async def few_are_left() -> bool:
        return bool(await execute(ground.app_url, OTHERS) <= 3)

    await until(few_are_left)
    await opened.close()
    assert pool.open == 0


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("select $1::text", "a\0b"),
        ("select $1::text", "\ud800"),
        ("select $1::bigint", 2**70),
        ("select $1::int", 2**40),
    ],
)
async def test_a_value_postgresql_cannot_hold_is_invalid_and_costs_no_connection(
    pool: ReadPool, sql: str, value: object
) -> None:
    used = await pid(pool)
    with pytest.raises(Invalid) as caught:
        await pool.fetch(sql, value)
    assert str(value) not in str(caught.value)
    assert await pid(pool) == used


async def test_a_query_that_runs_for_too_long_is_unavailable(pool: ReadPool) -> None:
    await pool.fetch("set statement_timeout = 100")
    with pytest.raises(Unavailable, match="took too long"):
        await pool.fetch(SLEEP)
    assert pool.open == 1


async def test_a_closed_pool_answers_that_it_is_closed(opened: Database) -> None:
    await opened.reads.fetch("select 1")
    await opened.reads.close()
    assert opened.reads.open == 0
    with pytest.raises(Unavailable, match="stopping"):
        await opened.reads.fetch("select 1")
