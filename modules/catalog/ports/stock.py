"""Where stocks, their ledger and reservations are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.catalog.domain.reservations import Reservation
from modules.catalog.domain.stock import Movement, Stock


class Stocks(Protocol):
    """The stock of each variant."""

    async def of(self, product_id: UUID, variant_id: UUID) -> Stock:
        """Return the stock of a variant, locked: an empty one at first.

        Raises NoSuchVariant.
        """
        ...

    async def enter(self, lines: Sequence[Movement]) -> None:
        """Write into the ledger."""
        ...


class Reservations(Protocol):
    """What is, or was, set aside. The stock it is taken from is locked before."""

    async def of(self, variant_id: UUID, id: UUID) -> Reservation:
        """Return a reservation of a variant, locked. Raises NoSuchReservation."""
        ...

    async def overdue_of(self, variant_id: UUID, *, at: datetime) -> Sequence[Reservation]:
        """Return some of those held beyond their time, locked, those that ended first."""
        ...

    async def some_overdue(self, *, at: datetime) -> Sequence[tuple[UUID, UUID]]:
        """Return some products and variants of which something is held beyond its time."""
        ...

    async def forget(self, *, before: datetime) -> int:
        """Delete some that are over and were to end before a time; return how many."""
        ...

    def add(self, aggregate: Reservation) -> None: ...
