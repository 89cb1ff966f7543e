"""What those do who sell from a stock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from annotated_types import Interval

from modules.catalog.application.parts import OfProducts
from modules.catalog.application.stock.overdue import make_room
from modules.catalog.application.stock.showing import ReservationView, reservation_view
from modules.catalog.domain.product import Status
from modules.catalog.domain.reservations import (
    LONGEST_SECONDS,
    SHORTEST_SECONDS,
    USUAL_SECONDS,
    NotForSale,
)
from modules.catalog.domain.stock import MOST_MOVED
from modules.catalog.ports import Transaction
from modules.catalog.public import PRODUCTS_RESERVE
from shared_kernel.application import Caller, Clock, Command

Quantity = Annotated[int, Interval(ge=1, le=MOST_MOVED)]
Seconds = Annotated[int, Interval(ge=SHORTEST_SECONDS, le=LONGEST_SECONDS)]


class Reserve(Command):
    """So many, to be set aside for so long."""

    quantity: Quantity
    seconds: Seconds = USUAL_SECONDS


@dataclass(frozen=True, slots=True)
class ReservationService:
    """Sets aside what is sold, and takes it.

    Whoever may reserve of a product and knows a reservation may bring it to its end: one part of
    a shop takes the order, and another one the money.
    """

    begin: Transaction
    clock: Clock
    of: OfProducts

    async def reserve(
        self, caller: Caller, product_id: UUID, variant_id: UUID, command: Reserve
    ) -> ReservationView:
        """Set aside so many. Raises NotEnoughStock, NotForSale."""
        product = await self.of.allowed(caller, PRODUCTS_RESERVE, product_id)
        if product.status is not Status.PUBLISHED:
            raise NotForSale(f"the product is {product.status}")
        async with self.begin() as tx:
            stock, now = await tx.stocks.of(product_id, variant_id), self.clock.now()
            await make_room(tx, stock, command.quantity, at=now)
            until = now + timedelta(seconds=command.seconds)
            held, entered = stock.reserve(command.quantity, holder=caller.id, until=until, at=now)
            tx.reservations.add(held)
            await tx.stocks.enter([entered])
        return reservation_view(held)

    async def commit(
        self, caller: Caller, product_id: UUID, variant_id: UUID, id: UUID
    ) -> ReservationView:
        """Take what was set aside. Raises ReservationOver where it was given back."""
        await self.of.allowed(caller, PRODUCTS_RESERVE, product_id)
        async with self.begin() as tx:
            stock = await tx.stocks.of(product_id, variant_id)
            held = await tx.reservations.of(variant_id, id)
            await tx.stocks.enter(stock.commit(held, actor=caller.id, at=self.clock.now()))
        return reservation_view(held)

    async def release(
        self, caller: Caller, product_id: UUID, variant_id: UUID, id: UUID
    ) -> ReservationView:
        """Give back what was set aside. Raises ReservationOver where it was taken."""
        await self.of.allowed(caller, PRODUCTS_RESERVE, product_id)
        async with self.begin() as tx:
            stock = await tx.stocks.of(product_id, variant_id)
            held = await tx.reservations.of(variant_id, id)
            await tx.stocks.enter(stock.release(held, actor=caller.id, at=self.clock.now()))
        return reservation_view(held)
