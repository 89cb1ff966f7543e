"""Events reach each subscriber, in order per subject, with their effect once, whatever dies."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import insert

from shared_kernel.application import InSteps, Origin, origin
from shared_kernel.domain import Conflict, Unavailable
from tests.kernel.garden import Garden, Grown, deeds, delivered, is_led, until

FAILING = "select attempts, last_error from platform.deliveries where last_error is not null"


class Fails:
    """Fails a number of times for one plant, then notes."""

    def __init__(self, garden: Garden, who: str, plant_id: UUID, times: int) -> None:
        self._note, self._plant_id, self.left = garden.note(who), plant_id, times

    async def __call__(self, event: Grown) -> None:
        if event.subject_id == self._plant_id and self.left:
            self.left -= 1
            raise Conflict("not yet")
        await self._note(event)


async def test_every_subscriber_hears_every_event_and_nothing_stays(garden: Garden) -> None:
    garden.subscribe("a.Notes", garden.note("a"))
    garden.subscribe("b.Notes", garden.note("b"))
    plant_id = await garden.plant()
    async with garden.relay() as relay:
        for _ in range(5):
            await garden.grow(plant_id)
        await delivered(garden)
        assert (relay.leads, relay.failures) == (True, 0)
    for who in ("a", "b"):
        assert await garden.deeds(who) == {plant_id: [1, 2, 3, 4, 5]}


async def test_an_event_is_heard_without_waiting_for_the_next_look(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bootstrap.events.relay.POLL_SECONDS", 600)
    heard = asyncio.Event()

    async def hear(_: Grown) -> None:
        heard.set()

    garden.subscribe("a.Hears", hear)
    plant_id = await garden.plant()
    async with garden.relay() as relay:
        await until(lambda: is_led(relay))
        await asyncio.sleep(0.1)
        await garden.grow(plant_id)
        async with asyncio.timeout(60):
            await heard.wait()


async def test_what_was_rolled_back_is_never_told(garden: Garden) -> None:
    garden.subscribe("a.Notes", garden.note("a"))
    plant_id, other = await garden.plant(), await garden.plant()

    async def grow_and_fail() -> None:
        async with garden.begin() as tx:
            (await tx.plants.get(plant_id)).grow()
            await tx.flush()
            raise RuntimeError

    async with garden.relay():
        with pytest.raises(RuntimeError):
            await grow_and_fail()
        await garden.grow(other)
        await delivered(garden)
    assert await garden.deeds("a") == {other: [1]}


async def test_a_failing_subscriber_keeps_nobody_else_waiting_and_succeeds_later(
    garden: Garden,
) -> None:
    ill, well = await garden.plant(), await garden.plant()
    fails = Fails(garden, "fails", ill, times=1_000)
    garden.subscribe("a.Fails", fails)
    garden.subscribe("b.Notes", garden.note("notes"))
    async with garden.relay() as relay:
        for plant_id in (ill, well, ill, well):
            await garden.grow(plant_id)

        async def others_are_done() -> bool:
            noted, partly = await garden.deeds("notes"), await garden.deeds("fails")
            return noted == {ill: [1, 2], well: [1, 2]} and partly == {well: [1, 2]}

        await until(others_are_done, 5)
        # Ill's second event waits behind its first.
        assert [error for _, error in await garden.rows(FAILING)] == ["conflict: not yet"]
        backlog = await relay.backlog()
        assert (backlog.pending, backlog.failing) == (2, 1)
        assert backlog.oldest > 0
        fails.left = 0
        await delivered(garden)
    assert await garden.deeds("fails") == {well: [1, 2], ill: [1, 2]}


async def test_waits_grow_and_reasons_are_kept_without_what_others_wrote(garden: Garden) -> None:
    async def leak(_: Grown) -> None:
        raise RuntimeError("password=hunter2")

    garden.subscribe("a.Leaks", leak)
    plant_id = await garden.plant()
    await garden.grow(plant_id)
    waits: list[float] = []
    async with garden.relay():
        for attempts in (1, 2):

            async def tried(wanted: int = attempts) -> bool:
                return (await garden.rows(FAILING))[:1] == [(wanted, "builtins.RuntimeError")]

            await until(tried)
            sql = "select extract(epoch from due_at - now())::float from platform.deliveries"
            waits.append((await garden.rows(sql))[0][0])
    assert 0.2 < waits[0] <= 0.5 < waits[1] <= 1


async def test_events_nobody_knows_any_more_are_left(garden: Garden) -> None:
    garden.subscribe("a.Notes", garden.note("a"))
    plant_id, other = await garden.plant(), await garden.plant()
    await garden.grow(plant_id)
    await garden.grow(other)
    rename = "update platform.outbox set kind = 'garden.Eaten' where subject_id = $1"
    await garden_execute(garden, rename, plant_id)
    async with garden.relay():

        async def other_is_done() -> bool:
            return await garden.deeds("a") == {other: [1]}

        await until(other_is_done)
        assert await garden.rows(FAILING) == [(1, "bootstrap.events.lane.UnknownKind")]


async def test_a_second_delivery_is_recognised_by_the_transaction_of_the_first(
    garden: Garden,
) -> None:
    garden.subscribe("a.Notes", garden.note("a"))
    plant_id = await garden.plant()
    await garden.grow(plant_id)
    mark = "insert into platform.inbox select event_id, 'a.Notes', now() from platform.outbox"
    late = asyncio.Event()

    async def slow(event: Grown) -> None:
        async with garden.begin() as tx:
            row = {"who": "slow", "plant_id": event.subject_id, "height": event.height}
            await tx.session.execute(insert(deeds).values(row))
            # Another leader, which this one does not know of yet, was faster.
            mark_slow = mark.replace("a.Notes", "b.Slow")
            await garden_execute(garden, mark_slow)
            late.set()

    await garden_execute(garden, mark)
    garden.subscribe("b.Slow", slow)
    other = await garden.plant()
    await garden_execute(garden, "delete from platform.inbox where subscriber <> 'a.Notes'")
    async with garden.relay():
        await delivered(garden)
        assert await garden.deeds("a") == {}
        await garden_execute(garden, "delete from platform.outbox")
        await garden.grow(other)
        await delivered(garden)
    assert late.is_set()
    assert await garden.deeds("slow") == {}


async def test_a_subscriber_in_steps_is_called_until_it_ends(garden: Garden) -> None:
    calls: list[int] = []

    class Steps(InSteps):
        async def __call__(self, event: Grown) -> None:
            for who in ("first", "second"):
                await garden.note(who)(event)
                calls.append(event.height)
                if len(calls) == 1:
                    raise Conflict("killed here, say")

    garden.subscribe("a.Steps", Steps())
    plant_id = await garden.plant()
    await garden.grow(plant_id)
    async with garden.relay():
        await delivered(garden)
    assert await garden.deeds("first") == {plant_id: [1, 1]}
    assert await garden.deeds("second") == {plant_id: [1]}


async def test_a_subscriber_with_two_transactions_that_does_not_say_so_is_refused(
    garden: Garden,
) -> None:
    async def twice(event: Grown) -> None:
        await garden.note("first")(event)
        await garden.note("second")(event)

    garden.subscribe("a.Twice", twice)
    plant_id = await garden.plant()
    await garden.grow(plant_id)
    async with garden.relay():

        async def refused() -> bool:
            found = await garden.rows(FAILING)
            return [error for _, error in found] == [
                "shared_kernel.adapters.inbox.SeveralTransactions"
            ]

        await until(refused)
    assert await garden.rows("select from platform.inbox") == []
    assert await garden.deeds("second") == {}


async def test_what_a_subscriber_does_tells_which_event_it_is_for(garden: Garden) -> None:
    origins: list[Origin] = []

    async def hear(_: Grown) -> None:
        origins.append(origin.get())

    garden.subscribe("a.Hears", hear)
    plant_id = await garden.plant()
    await garden.grow(plant_id)
    [(event_id,)] = await garden.rows("select event_id::text from platform.outbox")
    async with garden.relay():
        await delivered(garden)
    assert origins == [Origin(request_id=event_id)]
    assert origin.get().request_id == "-"


async def test_stopping_finishes_the_delivery_in_hand_and_no_other(garden: Garden) -> None:
    begun = asyncio.Event()

    async def slow(event: Grown) -> None:
        begun.set()
        await asyncio.sleep(0.3)
        await garden.note("slow")(event)

    garden.subscribe("a.Slow", slow)
    plant_id = await garden.plant()
    for _ in range(3):
        await garden.grow(plant_id)
    async with garden.relay() as relay:
        await begun.wait()
        await relay.check()
    assert await garden.deeds("slow") == {plant_id: [1]}
    assert await garden.pending() == 2
    with pytest.raises(Unavailable):
        await relay.check()


async def test_what_everybody_heard_is_swept_and_so_is_the_inbox_after_a_week(
    garden: Garden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bootstrap.events.relay.SWEEP_SECONDS", 0.1)
    garden.subscribe("a.Notes", garden.note("a"))
    plant_id = await garden.plant()
    async with garden.relay():
        await garden.grow(plant_id)
        await delivered(garden)
        await garden_execute(
            garden, "update platform.inbox set handled_at = now() - interval '8 d'"
        )
        await garden.grow(plant_id)

        async def swept() -> bool:
            outbox = await garden.rows("select from platform.outbox")
            return (len(outbox), len(await garden.rows("select from platform.inbox"))) == (0, 1)

        await until(swept)


async def garden_execute(garden: Garden, sql: str, *values: object) -> None:
    connection = await garden.database.connect(read_only=False)
    try:
        await connection.execute(sql, *values)
    finally:
        await connection.close()
