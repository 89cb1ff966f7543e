"""Subscribers in steps, such as those that send mails: one event that hangs holds up no other."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from uuid import UUID

from bootstrap.events.lane import AT_ONCE
from shared_kernel.application import InSteps
from tests.kernel.garden import Garden, Grown, delivered, until


async def test_an_event_that_hangs_holds_up_no_other_subject(garden: Garden) -> None:
    hung, heard = asyncio.Event(), list[UUID]()
    stuck, others = await garden.plant(), [await garden.plant() for _ in range(AT_ONCE)]

    class Sends(InSteps):
        async def __call__(self, event: Grown) -> None:
            if event.subject_id == stuck:
                await hung.wait()
            heard.append(event.subject_id)

    garden.subscribe("a.Sends", Sends())
    for plant_id in (stuck, *others):
        await garden.grow(plant_id)
    async with garden.relay():

        async def all_others() -> bool:
            return set(heard) == set(others)

        await until(all_others)
        hung.set()
        await delivered(garden)
    assert heard[-1] == stuck


async def test_more_than_a_few_are_never_under_way(garden: Garden) -> None:
    under_way, most = 0, 0

    class Sends(InSteps):
        async def __call__(self, _: Grown) -> None:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.01)
            under_way -= 1

    garden.subscribe("a.Sends", Sends())
    for _ in range(3 * AT_ONCE):
        await garden.grow(await garden.plant())
    async with garden.relay():
        await delivered(garden)
    assert most == AT_ONCE


async def test_events_of_one_subject_stay_in_order(garden: Garden) -> None:
    heard = defaultdict[UUID, list[int]](list)

    class Sends(InSteps):
        async def __call__(self, event: Grown) -> None:
            await asyncio.sleep(0.03 / event.height)
            heard[event.subject_id].append(event.height)

    garden.subscribe("a.Sends", Sends())
    plants = [await garden.plant() for _ in range(3)]
    for _ in range(4):
        for plant_id in plants:
            await garden.grow(plant_id)
    async with garden.relay():
        await delivered(garden)
    assert dict(heard) == {plant_id: [1, 2, 3, 4] for plant_id in plants}


async def test_stopping_finishes_what_is_under_way_and_begins_nothing(garden: Garden) -> None:
    begun, done = asyncio.Event(), list[UUID]()

    class Sends(InSteps):
        async def __call__(self, event: Grown) -> None:
            begun.set()
            await asyncio.sleep(0.2)
            done.append(event.subject_id)

    garden.subscribe("a.Sends", Sends())
    for _ in range(2 * AT_ONCE):
        await garden.grow(await garden.plant())
    async with garden.relay():
        await begun.wait()
    assert len(done) == AT_ONCE
    assert await garden.pending() == AT_ONCE
