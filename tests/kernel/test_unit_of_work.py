"""A unit of work saves everything or nothing, and says in the domain's words what was refused."""

from __future__ import annotations

import asyncio
import gc
from uuid import uuid4

import pytest
from sqlalchemy import insert, text

from shared_kernel.application import AuditEntry
from shared_kernel.domain import Conflict, Invalid, Stale, Unavailable
from tests.kernel.garden import Garden, Grown, NameTaken, NoSuchPlant, Plant, now, plants

SAVED = "select body ->> 'height' from platform.outbox where subject_id = $1 order by position"
AUDITED = "select action from audit.events where subject_id = $1 order by id"


async def test_state_events_and_audit_entries_are_saved_together(garden: Garden) -> None:
    plant_id = await garden.plant()
    async with garden.begin() as tx:
        plant = await tx.plants.get(plant_id)
        plant.grow()
        plant.grow()
        tx.audit(AuditEntry(action="garden.watered", occurred_at=now(), subject_id=plant_id))
    assert await garden.rows(SAVED, plant_id) == [("1",), ("2",)]
    actions = [action for (action,) in await garden.rows(AUDITED, plant_id)]
    assert actions == [Grown.kind(), Grown.kind(), "garden.watered"]


async def test_events_of_an_aggregate_that_was_flushed_and_let_go_are_kept(garden: Garden) -> None:
    plant_id = uuid4()
    async with garden.begin() as tx:
        tx.plants.add(plant := Plant(id=plant_id, name=uuid4().hex))
        plant.grow()
        await tx.flush()
        del plant
        gc.collect()
    assert await garden.rows(SAVED, plant_id) == [("1",)]


async def test_events_that_no_aggregate_recorded_are_saved_too(garden: Garden) -> None:
    subject = uuid4()
    async with garden.begin() as tx:
        tx.publish(Grown(subject_id=subject, occurred_at=now(), height=7))
    assert await garden.rows(SAVED, subject) == [("7",)]


async def test_nothing_of_a_failed_unit_of_work_is_left(garden: Garden) -> None:
    plant_id = uuid4()

    async def fail() -> None:
        async with garden.begin() as tx:
            tx.plants.add(plant := Plant(id=plant_id, name=uuid4().hex))
            plant.grow()
            await tx.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await garden.rows(SAVED, plant_id) == []
    assert await garden.rows(AUDITED, plant_id) == []
    assert await garden.rows("select from garden.plants where id = $1", plant_id) == []


async def test_of_two_writers_of_one_version_the_second_is_told_it_is_stale(garden: Garden) -> None:
    plant_id = await garden.plant()

    async def come_second() -> None:
        async with garden.begin() as second:
            plant = await second.plants.get(plant_id)
            await garden.grow(plant_id)
            plant.grow()

    with pytest.raises(Stale):
        await come_second()
    assert await garden.rows(SAVED, plant_id) == [("1",)]


async def test_a_broken_constraint_is_the_error_the_unit_of_work_names(garden: Garden) -> None:
    await garden.plant("oak")
    with pytest.raises(NameTaken):
        await garden.plant("oak")


async def test_it_is_so_as_well_before_the_end_of_the_unit_of_work(garden: Garden) -> None:
    await garden.plant("elm")

    async def flush() -> None:
        async with garden.begin() as tx:
            tx.plants.add(Plant(name="elm"))
            await tx.flush()

    async def write_a_row() -> None:
        async with garden.begin() as tx:
            row = {"id": uuid4(), "version": 1, "name": "elm", "height": 0}
            await tx.session.execute(insert(plants).values(row))

    with pytest.raises(NameTaken):
        await flush()
    with pytest.raises(NameTaken):
        await write_a_row()


async def test_a_constraint_nobody_named_is_a_conflict(garden: Garden) -> None:
    plant_id = await garden.plant()
    with pytest.raises(Conflict):
        async with garden.begin() as tx:
            tx.plants.add(Plant(id=plant_id, name=uuid4().hex))


@pytest.mark.parametrize(
    ("name", "height"), [("x" * 41, 0), ("a\0b", 0), ("\ud800", 0), ("fine", 2**40)]
)
async def test_a_value_that_cannot_be_stored_is_invalid(
    garden: Garden, name: str, height: int
) -> None:
    with pytest.raises(Invalid):
        async with garden.begin() as tx:
            tx.plants.add(Plant(name=name, height=height))


async def test_a_missing_aggregate_is_the_error_the_repository_names(garden: Garden) -> None:
    with pytest.raises(NoSuchPlant, match="no such plant"):
        async with garden.begin() as tx:
            await tx.plants.get(uuid4())


async def test_a_removed_aggregate_is_gone_and_its_last_events_are_told(garden: Garden) -> None:
    plant_id = await garden.plant()
    async with garden.begin() as tx:
        plant = await tx.plants.get(plant_id)
        plant.grow()
        await tx.plants.remove(plant)
    assert await garden.rows("select from garden.plants where id = $1", plant_id) == []
    assert await garden.rows(SAVED, plant_id) == [("1",)]


async def test_a_lock_others_hold_for_too_long_is_unavailable(garden: Garden) -> None:
    plant_id = await garden.plant()

    async def wait_a_little() -> None:
        async with garden.begin() as tx:
            await tx.session.execute(text("set local lock_timeout = 100"))
            await tx.plants.get_locked(plant_id)

    async with garden.begin() as holder:
        await holder.plants.get_locked(plant_id)
        with pytest.raises(Unavailable, match="too many"):
            await wait_a_little()


async def test_cancelled_requests_give_their_connections_back(garden: Garden) -> None:
    plant_id = await garden.plant()

    async def hang() -> None:
        async with garden.begin() as tx:
            plant = await tx.plants.get(plant_id)
            plant.grow()
            await tx.flush()
            await tx.session.execute(text("select pg_sleep(30)"))

    tasks = [asyncio.create_task(hang()) for _ in range(10)]
    await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(5):
        assert await garden.grow(plant_id) == 1


async def test_more_at_once_than_connections_wait_their_turn(garden: Garden) -> None:
    plant_id = await garden.plant()
    assert sorted(await asyncio.gather(*(garden.grow(plant_id) for _ in range(30)))) == list(
        range(1, 31)
    )
