"""What was carried out under a key is noted with the change, or not at all."""

from __future__ import annotations

import asyncio
import os
from uuid import uuid4

import pytest
from sqlalchemy import text

from shared_kernel.adapters.idempotency import SqlKeyedRequests
from shared_kernel.adapters.inbox import SeveralTransactions
from shared_kernel.application.idempotency import (
    AlreadyCarriedOut,
    CarriedOut,
    KeptAnswer,
    KeyedRequest,
    KeyInUse,
)
from tests.kernel.garden import Garden, NameTaken, Plant

ANSWER = KeptAnswer(201, {"etag": '"v1"'}, b'{"name":"oak"}')
AGE = "update platform.keyed_requests set noted_at = now() - interval '1 day' where key = :key"


def a_request() -> KeyedRequest:
    return KeyedRequest(os.urandom(32), os.urandom(32))


async def test_a_change_is_noted_with_what_it_made_first(garden: Garden) -> None:
    keyed, wanted = SqlKeyedRequests(garden.database), a_request()
    with keyed.carrying_out(wanted):
        async with garden.begin() as tx:
            tx.plants.add(first := Plant(name=uuid4().hex))
            tx.plants.add(Plant(name=uuid4().hex))
    assert await keyed.find(wanted.key) == CarriedOut(wanted.fingerprint, first.id, None)
    await keyed.keep(wanted.key, ANSWER)
    assert await keyed.find(wanted.key) == CarriedOut(wanted.fingerprint, first.id, ANSWER)
    assert await keyed.find(os.urandom(32)) is None


async def test_nothing_is_noted_of_what_was_undone(garden: Garden) -> None:
    keyed, wanted = SqlKeyedRequests(garden.database), a_request()
    taken = uuid4().hex
    await garden.plant(taken)
    with keyed.carrying_out(wanted):
        with pytest.raises(NameTaken):
            await garden.plant(taken)
        assert await keyed.find(wanted.key) is None
        plant_id = await garden.plant()  # the use case tried another name
    assert await keyed.find(wanted.key) == CarriedOut(wanted.fingerprint, plant_id, None)


async def test_what_was_carried_out_is_undone_the_second_time(garden: Garden) -> None:
    keyed, wanted, name = SqlKeyedRequests(garden.database), a_request(), uuid4().hex
    with keyed.carrying_out(wanted):
        await garden.plant()
    with keyed.carrying_out(wanted), pytest.raises(AlreadyCarriedOut):
        await garden.plant(name)
    assert await garden.rows("select from garden.plants where name = $1", name) == []


async def test_one_that_is_being_carried_out_is_not_waited_for_for_ever(garden: Garden) -> None:
    keyed, wanted = SqlKeyedRequests(garden.database), a_request()

    async def second() -> None:
        with keyed.carrying_out(wanted):
            async with garden.begin() as tx:
                await tx.session.execute(text("set local lock_timeout = 100"))
                tx.plants.add(Plant(name=uuid4().hex))

    with keyed.carrying_out(wanted) as carrying:
        async with garden.begin() as tx:
            tx.plants.add(Plant(name=uuid4().hex))
            await carrying.note(tx.session, None)
            with pytest.raises(KeyInUse):
                await asyncio.create_task(second())
            await tx.session.rollback()
            carrying.over = True
    await second()


async def test_what_is_to_be_done_in_one_transaction_is_not_done_in_two(garden: Garden) -> None:
    keyed = SqlKeyedRequests(garden.database)
    with keyed.carrying_out(a_request()):
        await garden.plant()
        with pytest.raises(SeveralTransactions):
            await garden.plant()


async def test_what_was_begun_on_the_way_and_goes_on_is_no_part_of_it(garden: Garden) -> None:
    keyed, wanted, over = SqlKeyedRequests(garden.database), a_request(), asyncio.Event()

    async def afterwards() -> None:
        await over.wait()
        await garden.plant()

    with keyed.carrying_out(wanted):
        task = asyncio.create_task(afterwards())
    over.set()
    await task
    assert await keyed.find(wanted.key) is None


async def test_after_a_day_it_is_forgotten_and_can_be_noted_again(garden: Garden) -> None:
    keyed, wanted, other = SqlKeyedRequests(garden.database), a_request(), a_request()
    for one in (wanted, other):
        with keyed.carrying_out(one):
            await garden.plant()
    await keyed.keep(wanted.key, ANSWER)
    await _age(garden, wanted)
    assert await keyed.find(wanted.key) is None
    with keyed.carrying_out(wanted):
        plant_id = await garden.plant()
    assert await keyed.find(wanted.key) == CarriedOut(wanted.fingerprint, plant_id, None)

    await _age(garden, wanted)
    assert await keyed.forget() == {"keys": 1}
    assert await keyed.forget() == {"keys": 0}
    assert await keyed.find(other.key) is not None


async def _age(garden: Garden, wanted: KeyedRequest) -> None:
    async with garden.database.session.begin() as session:
        await session.execute(text(AGE), {"key": wanted.key})
