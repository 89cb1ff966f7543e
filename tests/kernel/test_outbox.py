"""What is written for subscribers: with the change, in order, and a row for each who hears it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

from pydantic import TypeAdapter

from shared_kernel.adapters.outbox import OUTBOX_TOPIC, SqlOutbox
from shared_kernel.domain import DomainEvent
from tests.kernel.garden import Garden, Grown, now

ROWS = "select position, body::text from platform.outbox order by position"
DELIVERIES = "select position, subscriber from platform.deliveries order by position, subscriber"


@dataclass(frozen=True, slots=True)
class Price:
    """An amount of money."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sold(DomainEvent):
    """A plant was sold, told with values inside values."""

    price: Price
    names: tuple[str, ...]
    note: str | None = None


async def test_an_event_is_rebuilt_from_what_was_written(garden: Garden) -> None:
    sold = Sold(
        subject_id=uuid4(),
        occurred_at=datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC),
        price=Price(Decimal("12345678901234567.89"), "EUR"),
        names=("é", '"'),
    )
    async with garden.begin() as tx:
        tx.publish(sold)
    [(_, body)] = await garden.rows(ROWS)
    rebuilt = TypeAdapter(Sold).validate_json(body)
    assert asdict(rebuilt) == asdict(sold)
    assert isinstance(rebuilt.price, Price)


async def test_many_events_of_one_transaction_keep_their_order(garden: Garden) -> None:
    garden.heard_by = ("b.Hears", "a.Hears")
    subject = uuid4()
    async with garden.begin() as tx:
        for height in range(3_000):
            tx.publish(Grown(subject_id=subject, occurred_at=now(), height=height))
    sql = "select (body ->> 'height')::int from platform.outbox order by position"
    assert [height for (height,) in await garden.rows(sql)] == list(range(3_000))
    positions = [position for position, _ in await garden.rows(ROWS)]
    wanted = [(position, name) for position in positions for name in ("a.Hears", "b.Hears")]
    assert await garden.rows(DELIVERIES) == wanted


async def test_events_nobody_hears_are_written_and_wake_nobody(garden: Garden) -> None:
    woken: list[str] = []
    outbox = SqlOutbox({}, woken.append)
    event = Grown(subject_id=uuid4(), occurred_at=now(), height=1)
    async with garden.database.session.begin() as session:
        await outbox.write(session, [event])
    outbox.wake([event])
    assert len(await garden.rows(ROWS)) == 1
    assert await garden.rows(DELIVERIES) == []
    assert woken == []
    SqlOutbox({Grown.kind(): ["a.Hears"]}, woken.append).wake([event])
    assert woken == [OUTBOX_TOPIC]


async def test_changes_of_one_subject_are_positioned_as_they_were_made(garden: Garden) -> None:
    plant_id = await garden.plant()
    await asyncio.gather(*(garden.grow(plant_id) for _ in range(40)))
    sql = "select (body ->> 'height')::int from platform.outbox order by position"
    assert [height for (height,) in await garden.rows(sql)] == list(range(1, 41))
