"""The server goes away and comes back: a clear answer meanwhile, and no restart afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from bootstrap import migrate
from bootstrap.postgres import EmbeddedPostgres, Roles
from shared_kernel.adapters.sql import Database
from shared_kernel.domain import Unavailable
from tests.bootstrap.embedded import new_home
from tests.kernel.garden import Garden, execute, lay_out, opened, until
from tests.kit.cluster import TestDatabase


@pytest_asyncio.fixture(scope="module")
async def server() -> AsyncGenerator[EmbeddedPostgres]:
    with new_home() as home:
        made = EmbeddedPostgres(home, durable=False)
        await asyncio.to_thread(_migrate, await asyncio.to_thread(made.start))
        yield made


def _migrate(roles: Roles) -> None:

    migrate.upgrade(roles.owner_url, app_role="app")
    asyncio.run(lay_out(roles.owner_url))


async def test_reads_writes_signals_and_events_recover(server: EmbeddedPostgres) -> None:
    roles = server.start()
    async with opened(TestDatabase("app", roles.owner_url, roles.app_url)) as garden:
        garden.subscribe("a.Notes", garden.note("a"))
        plant_id = await garden.plant()
        async with garden.relay() as relay:
            await garden.grow(plant_id)
            await until(lambda: _delivered(garden))
            await asyncio.to_thread(server.stop)
            for attempt in (garden.grow(plant_id), garden.database.ping(), garden.plant()):
                with pytest.raises(Unavailable):
                    await attempt
            await asyncio.to_thread(server.start)
            await until(lambda: _answers(garden.database))
            assert await garden.grow(plant_id) == 2
            await until(lambda: _delivered(garden))
            await relay.check()
        assert await garden.deeds("a") == {plant_id: [1, 2]}


async def _delivered(garden: Garden) -> bool:
    return await garden.pending() == 0


async def _answers(database: Database) -> bool:
    try:
        await database.ping()
    except Unavailable:
        return False
    return True


async def test_connections_that_are_terminated_are_replaced(ground: TestDatabase) -> None:
    async with opened(ground) as garden:
        plant_id = await garden.plant()
        await asyncio.gather(*(garden.plant() for _ in range(10)))
        await execute(
            ground.app_url,
            "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where usename ="
            " current_user and datname = current_database() and pid <> pg_backend_pid()",
        )
        assert await garden.grow(plant_id) == 1
        assert await garden.rows("select height from garden.plants where id = $1", plant_id) == [
            (1,)
        ]


async def test_a_transaction_whose_connection_is_terminated_is_unavailable(
    ground: TestDatabase,
) -> None:
    async with opened(ground) as garden:
        plant_id = await garden.plant()

        async def lose_it() -> None:
            async with garden.begin() as tx:
                (await tx.plants.get(plant_id)).grow()
                connection = await tx.session.connection()
                pid = (await connection.exec_driver_sql("select pg_backend_pid()")).scalar()
                await execute(ground.app_url, "select pg_terminate_backend($1, 5000)", pid)

        with pytest.raises(Unavailable):
            await lose_it()
        assert await garden.grow(plant_id) == 1
