"""Relays that are killed, deposed and replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from uuid import UUID

from bootstrap.events.deliveries import LEAD
from tests.kernel.garden import Garden, delivered, execute, is_led, opened, until
from tests.kit.cluster import TestDatabase
from tests.kit.starting import Process, forked

LEADER = "select pid from pg_locks where locktype = 'advisory' and objid = $1 and granted"


async def test_order_holds_with_two_relays_and_a_lead_that_changes_hands(
    ground: TestDatabase, garden: Garden
) -> None:
    async with AsyncExitStack() as stack:
        both = [garden, await stack.enter_async_context(opened(ground))]
        for one in both:
            one.subscribe("a.Notes", one.note("a"))
        relays = [await stack.enter_async_context(one.relay()) for one in both]
        plants = [await garden.plant() for _ in range(8)]

        async def grow(plant_id: UUID) -> None:
            for _ in range(25):
                await garden.grow(plant_id)

        growing = asyncio.gather(*(grow(plant_id) for plant_id in plants))
        for _ in range(2):
            await until(lambda: is_led(*relays))
            await depose(ground)
        await until(lambda: is_led(*relays))
        await growing
        await delivered(garden)
    noted = await garden.deeds("a")
    assert noted == {plant_id: list(range(1, 26)) for plant_id in plants}


async def test_nothing_is_lost_or_done_twice_over_several_kills(
    ground: TestDatabase, garden: Garden
) -> None:
    plants = [await garden.plant() for _ in range(5)]
    told: dict[UUID, int] = dict.fromkeys(plants, 0)
    for _ in range(3):
        killed = await gardening(ground, plants)
        [(before,)] = await garden.rows("select count(*) from garden.deeds")

        async def is_at_work(than: int = before) -> bool:
            [(now,)] = await garden.rows("select count(*) from garden.deeds")
            return bool(now > than + 50)

        await until(is_at_work)
        killed.kill()
        out, _ = killed.communicate()
        for line in out.splitlines():
            grown, height = line.split()
            told[UUID(grown)] = int(height)
    garden.subscribe("kill.Noting", garden.note("kill"))
    async with garden.relay():
        await delivered(garden)
    noted = await garden.deeds("kill")
    heights = dict(await garden.rows("select id, height from garden.plants"))
    for plant_id in plants:
        assert noted[plant_id] == list(range(1, heights[plant_id] + 1))
        assert heights[plant_id] >= told[plant_id]


async def gardening(database: TestDatabase, plants: Sequence[UUID]) -> Process:
    """Another process that grows the plants and delivers the news."""
    arguments = ("tests.kernel.gardening", database.app_url, *map(str, plants))
    return await asyncio.to_thread(forked, *arguments, environment={})


async def depose(database: TestDatabase) -> None:
    """End the connection of the leader."""
    pid = await execute(database.owner_url, LEADER, LEAD & 0xFFFFFFFF)
    await execute(database.app_url, "select pg_terminate_backend($1, 5000)", pid)
