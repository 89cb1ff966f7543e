"""What becomes of reservations whose time is up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from modules.catalog.domain.stock import Stock
from modules.catalog.domain.variants import NoSuchVariant
from modules.catalog.ports import CatalogUnitOfWork, Transaction
from shared_kernel.application import Clock

KEPT_FOR = timedelta(days=30)
"""How long one can still see what became of a reservation. The ledger keeps it for good."""


async def make_room(tx: CatalogUnitOfWork, stock: Stock, wanted: int, *, at: datetime) -> None:
    """Give back what is held beyond its time, where more is wanted than is left."""
    while wanted > stock.available:
        overdue = await tx.reservations.overdue_of(stock.id, at=at)
        if not overdue:
            return
        await tx.stocks.enter(stock.expire(overdue, at=at))


@dataclass(frozen=True, slots=True)
class ExpireReservations:
    """Gives back what is held beyond its time, and forgets what has long been over.

    Every process does so now and then. A stock is locked by one of them at a time, and the next
    finds nothing left to do.
    """

    begin: Transaction
    clock: Clock

    async def __call__(self) -> Mapping[str, int]:
        """Return how many there were of each."""
        expired = forgotten = 0
        while found := await self._overdue():
            for product_id, variant_id in found:
                expired += await self._expire(product_id, variant_id)
        while gone := await self._forget():
            forgotten += gone
        return {"reservations expired": expired, "reservations forgotten": forgotten}

    async def _overdue(self) -> list[tuple[UUID, UUID]]:
        async with self.begin() as tx:
            return [*await tx.reservations.some_overdue(at=self.clock.now())]

    async def _expire(self, product_id: UUID, variant_id: UUID) -> int:
        try:
            async with self.begin() as tx:
                stock, now = await tx.stocks.of(product_id, variant_id), self.clock.now()
                overdue = await tx.reservations.overdue_of(variant_id, at=now)
                await tx.stocks.enter(stock.expire(overdue, at=now))
                return len(overdue)
        except NoSuchVariant:  # deleted meanwhile, and its reservations with it
            return 0

    async def _forget(self) -> int:
        async with self.begin() as tx:
            return await tx.reservations.forget(before=self.clock.now() - KEPT_FOR)
