"""Whatever happens to a stock in whatever order: its numbers, its ledger and what is told agree."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from modules.catalog.application.stock.keeping import AdjustStock, ChangeStock, StockService
from modules.catalog.application.stock.overdue import ExpireReservations
from modules.catalog.application.stock.reserving import ReservationService, Reserve
from modules.catalog.domain.reservations import ReservationOver
from modules.catalog.domain.stock import NotEnoughStock, Reason
from modules.catalog.public import StockLow
from tests.kit.catalog import NOON
from tests.kit.catalog_trial import Trial, in_database, in_memory
from tests.kit.cluster import TestDatabase

T = TypeVar("T")

FEW = some.integers(min_value=1, max_value=12)


@dataclass
class SetClock:
    """A clock that stands until it is set."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


@dataclass
class Expected:
    """What a stock is, in the plainest words."""

    on_hand: int = 0
    low_mark: int | None = None
    told: int = 0

    def __post_init__(self) -> None:
        self.held: dict[UUID, tuple[int, datetime]] = {}
        self.ended: dict[UUID, str] = {}

    @property
    def reserved(self) -> int:
        return sum(quantity for quantity, _ in self.held.values())

    @property
    def is_low(self) -> bool:
        return self.low_mark is not None and self.on_hand - self.reserved <= self.low_mark

    def clear(self, at: datetime) -> None:
        """Give back what is held beyond its time."""
        for id, (_, until) in [*self.held.items()]:
            if until <= at:
                self.end(id, "expired")

    def end(self, id: UUID, how: str) -> None:
        quantity, _ = self.held.pop(id)
        self.ended[id] = how
        if how == "committed":
            self.on_hand -= quantity


class StockMachine(RuleBasedStateMachine):
    """One variant, everything that can be done with its stock, and a second opinion."""

    reservations = Bundle("reservations")
    url: ClassVar[str | None]

    def __init__(self) -> None:
        super().__init__()
        self.runner, self.open = asyncio.Runner(), AsyncExitStack()
        self.clock, self.expected = SetClock(), Expected()
        opening = in_memory if self.url is None else in_database(self.url)
        self.trial: Trial = self.run(self.open.enter_async_context(opening()))
        begin, of = self.trial.begin, self.trial.of
        self.stocks = StockService(begin, self.clock, of)
        self.selling = ReservationService(begin, self.clock, of)
        self.expiring = ExpireReservations(begin, self.clock)
        variant = self.run(self.trial.variant())
        self.place = variant.product_id, variant.id

    def run(self, work: Awaitable[T]) -> T:
        async def waiting() -> T:
            return await work

        return self.runner.run(waiting())

    def teardown(self) -> None:
        self.run(self.open.aclose())
        self.runner.close()

    def expecting(self, change: Callable[[], None]) -> None:
        """Change what is expected, and count when it becomes low."""
        was_low = self.expected.is_low
        change()
        self.expected.told += self.expected.is_low and not was_low

    def room_for(self, wanted: int) -> bool:
        """Say whether so many are left, after clearing where there are not."""
        if wanted > self.expected.on_hand - self.expected.reserved:
            self.expecting(lambda: self.expected.clear(self.clock.at))
        return wanted <= self.expected.on_hand - self.expected.reserved

    @rule(by=FEW)
    def take_in(self, by: int) -> None:
        command = AdjustStock(change=by, reason=Reason.RECEIVED)
        self.run(self.stocks.adjust(self.trial.keeper, *self.place, command))
        self.expected.on_hand += by

    @rule(by=FEW)
    def take_out(self, by: int) -> None:
        command = AdjustStock(change=-by, reason=Reason.SOLD)
        before = self.copied()
        if not self.room_for(by):
            with pytest.raises(NotEnoughStock):
                self.run(self.stocks.adjust(self.trial.keeper, *self.place, command))
            self.expected = before  # what is refused gives nothing back either
            return
        self.run(self.stocks.adjust(self.trial.keeper, *self.place, command))
        self.expecting(lambda: setattr(self.expected, "on_hand", self.expected.on_hand - by))

    @rule(target=reservations, quantity=FEW, seconds=some.sampled_from([10, 60, 600]))
    def reserve(self, quantity: int, seconds: int) -> UUID | None:
        command = Reserve(quantity=quantity, seconds=seconds)
        before = self.copied()
        if not self.room_for(quantity):
            with pytest.raises(NotEnoughStock):
                self.run(self.selling.reserve(self.trial.keeper, *self.place, command))
            self.expected = before
            return None
        made = self.run(self.selling.reserve(self.trial.keeper, *self.place, command))
        until = self.clock.at + timedelta(seconds=seconds)
        assert made.expires_at == until
        self.expecting(lambda: self.expected.held.update({made.id: (quantity, until)}))
        return made.id

    @rule(id=reservations)
    def commit(self, id: UUID | None) -> None:
        self.bring_to_an_end(id, "committed")

    @rule(id=reservations)
    def release(self, id: UUID | None) -> None:
        self.bring_to_an_end(id, "released")

    def bring_to_an_end(self, id: UUID | None, how: str) -> None:
        if id is None:
            return
        end = self.selling.commit if how == "committed" else self.selling.release
        is_late = how == "committed" and id in self.expected.held
        is_late = is_late and self.expected.held[id][1] <= self.clock.at
        if self.expected.ended.get(id, how) != how or is_late:
            with pytest.raises(ReservationOver):
                self.run(end(self.trial.keeper, *self.place, id))
            return
        ended = self.run(end(self.trial.keeper, *self.place, id))
        assert ended.state == how
        if id in self.expected.held:
            self.expecting(lambda: self.expected.end(id, how))

    @rule(mark=some.none() | some.integers(min_value=0, max_value=9))
    def mark_low(self, mark: int | None) -> None:
        async def current() -> int:
            async with self.trial.begin() as tx:
                return (await tx.stocks.of(*self.place)).version

        command = ChangeStock(low_mark=mark)
        version = self.run(current())
        self.run(self.stocks.change(self.trial.keeper, *self.place, command, expected=version))
        self.expecting(lambda: setattr(self.expected, "low_mark", mark))

    @rule(seconds=some.sampled_from([5, 30, 3600]))
    def wait(self, seconds: int) -> None:
        self.clock.at += timedelta(seconds=seconds)

    @rule()
    def sweep(self) -> None:
        self.run(self.expiring())
        self.expecting(lambda: self.expected.clear(self.clock.at))

    @invariant()
    def the_numbers_are_right_and_the_ledger_adds_up_to_them(self) -> None:
        async def numbers() -> tuple[int, int]:
            async with self.trial.begin() as tx:
                stock = await tx.stocks.of(*self.place)
                return stock.on_hand, stock.reserved

        there = self.run(numbers())
        assert there == (self.expected.on_hand, self.expected.reserved)
        assert 0 <= there[1] <= there[0]
        lines = self.run(self.trial.ledger(self.place[1]))
        moved = [(one.change, one.reserved_change) for one in lines]
        assert there == (sum(change for change, _ in moved), sum(held for _, held in moved))
        if lines:
            assert there == (lines[-1].on_hand, lines[-1].reserved)

    @invariant()
    def it_told_once_each_time_that_it_became_low(self) -> None:
        told = [one for one in self.trial.told() if isinstance(one, StockLow)]
        assert len(told) == self.expected.told

    def copied(self) -> Expected:
        """Return what is expected, to go back to."""
        copy = Expected(self.expected.on_hand, self.expected.low_mark, self.expected.told)
        copy.held, copy.ended = dict(self.expected.held), dict(self.expected.ended)
        return copy


@pytest.mark.parametrize("store", ["fake", "postgresql"])
def test_a_stock_is_what_was_done_with_it(store: str, database: TestDatabase, clean: None) -> None:
    machine = type(
        "Machine", (StockMachine,), {"url": None if store == "fake" else database.app_url}
    )
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40 if store == "fake" else 6,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
