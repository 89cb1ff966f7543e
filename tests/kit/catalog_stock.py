"""Stocks and reservations in memory."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from modules.catalog.domain.reservations import NoSuchReservation, Reservation, ReservationState
from modules.catalog.domain.stock import Movement, Stock
from modules.catalog.domain.variants import NoSuchVariant, Variant
from shared_kernel.domain import Conflict
from tests.kit.catalog_rows import FakeRows

HELD = ReservationState.HELD


class FakeStocks(FakeRows[Stock]):
    def __init__(
        self,
        stored: Mapping[UUID, Stock],
        variants: Mapping[UUID, Variant],
        ledger: Sequence[Movement],
    ) -> None:
        super().__init__(stored)
        self._variants, self.ledger = variants, [*ledger]

    async def of(self, product_id: UUID, variant_id: UUID) -> Stock:
        variant = self._variants.get(variant_id)
        if variant is None or variant.product_id != product_id:
            raise NoSuchVariant("there is no such variant")
        if variant_id not in self.rows:
            begun = Stock(id=variant_id, product_id=product_id)
            begun.version = 1
            self.begin(begun)
        return self.rows[variant_id]

    async def enter(self, lines: Sequence[Movement]) -> None:
        self.ledger += lines

    def check(self, variants: Container[UUID]) -> None:
        """Refuse what the database would refuse; what belongs to a variant goes with it."""
        self.rows = {id: one for id, one in self.rows.items() if id in variants}
        if not all(0 <= one.reserved <= one.on_hand for one in self.rows.values()):
            raise Conflict("the change breaks a rule of the stored data")


class FakeReservations(FakeRows[Reservation]):
    async def of(self, variant_id: UUID, id: UUID) -> Reservation:
        found = self.rows.get(id)
        if found is None or found.variant_id != variant_id:
            raise NoSuchReservation("there is no such reservation")
        return found

    async def overdue_of(self, variant_id: UUID, *, at: datetime) -> Sequence[Reservation]:
        return [one for one in self._overdue(at) if one.variant_id == variant_id]

    async def some_overdue(self, *, at: datetime) -> Sequence[tuple[UUID, UUID]]:
        return [*{(one.product_id, one.variant_id) for one in self._overdue(at)}]

    async def forget(self, *, before: datetime) -> int:
        over = [one for one in self.rows.values() if one.state is not HELD]
        gone = [one for one in over if one.expires_at < before]
        for one in gone:
            del self.rows[one.id]
        return len(gone)

    def check(self, variants: Container[UUID]) -> None:
        """What belongs to a variant goes with it."""
        self.rows = {id: one for id, one in self.rows.items() if one.variant_id in variants}

    def _overdue(self, at: datetime) -> list[Reservation]:
        held = (one for one in self.rows.values() if one.state is HELD and one.expires_at <= at)
        return sorted(held, key=lambda one: one.expires_at)
