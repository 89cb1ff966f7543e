"""What is shown of stocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.catalog.application.parts import OfProducts
from modules.catalog.domain.reservations import Reservation, ReservationState
from modules.catalog.domain.stock import Cause, Movement, Stock
from modules.catalog.public import PRODUCTS_RESERVE, PRODUCTS_STOCK
from shared_kernel.application import Caller, Page, Slice


@dataclass(frozen=True, slots=True)
class Availability:
    """How many of a variant anybody can have now."""

    variant_id: UUID
    sku: str
    available: int


@dataclass(frozen=True, slots=True)
class StockView:
    """How many of a variant there are, and how many of them are promised.

    `reserved` includes what is held beyond its time and was not given back yet, as it is within
    ten minutes, and at once where somebody needs it. `low_mark` is null where nobody wants to know.
    """

    variant_id: UUID
    product_id: UUID
    on_hand: int
    reserved: int
    low_mark: int | None
    version: int


@dataclass(frozen=True, slots=True)
class MovementView:
    """A line of a stock's ledger: changes, and what the numbers were after them."""

    id: UUID
    variant_id: UUID
    product_id: UUID
    cause: Cause
    change: int
    reserved_change: int
    on_hand: int
    reserved: int
    reservation_id: UUID | None
    note: str
    actor_id: UUID | None
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class ReservationView:
    """So many of a variant, set aside until `expires_at` while they are `held`."""

    id: UUID
    variant_id: UUID
    product_id: UUID
    quantity: int
    holder_id: UUID
    state: ReservationState
    expires_at: datetime
    created_at: datetime
    version: int


def stock_view(stock: Stock) -> StockView:
    """Return what is shown of a stock that was just stored."""
    return StockView(
        variant_id=stock.id,
        product_id=stock.product_id,
        on_hand=stock.on_hand,
        reserved=stock.reserved,
        low_mark=stock.low_mark,
        version=stock.version,
    )


def movement_view(entered: Movement) -> MovementView:
    """Return what is shown of a line that was just written."""
    return MovementView(
        id=entered.id,
        variant_id=entered.variant_id,
        product_id=entered.product_id,
        cause=entered.cause,
        change=entered.change,
        reserved_change=entered.reserved_change,
        on_hand=entered.on_hand,
        reserved=entered.reserved,
        reservation_id=entered.reservation_id,
        note=entered.note,
        actor_id=entered.actor_id,
        occurred_at=entered.occurred_at,
    )


def reservation_view(held: Reservation) -> ReservationView:
    """Return what is shown of a reservation that was just stored."""
    return ReservationView(
        id=held.id,
        variant_id=held.variant_id,
        product_id=held.product_id,
        quantity=held.quantity,
        holder_id=held.holder_id,
        state=held.state,
        expires_at=held.expires_at,
        created_at=held.created_at,
        version=held.version,
    )


class StockQueries(Protocol):
    """Reads stocks, whoever asks. `ShowStock` asks the policy about their product."""

    async def available(self, product_id: UUID, part: Slice) -> Page[Availability]:
        """Return how many there are to be had of each variant, in the order of position."""
        ...

    async def stock(self, product_id: UUID, variant_id: UUID) -> StockView:
        """Return the stock of a variant. Raises NoSuchVariant."""
        ...

    async def movements(
        self, product_id: UUID, variant_id: UUID, cause: Cause | None, part: Slice
    ) -> Page[MovementView]:
        """Return the ledger of a variant, the newest line first."""
        ...

    async def reservations(
        self, product_id: UUID, variant_id: UUID, state: ReservationState | None, part: Slice
    ) -> Page[ReservationView]:
        """Return the reservations of a variant, the newest first."""
        ...

    async def reservation(self, product_id: UUID, variant_id: UUID, id: UUID) -> ReservationView:
        """Return a reservation of a variant. Raises NoSuchReservation."""
        ...


@dataclass(frozen=True, slots=True)
class ShowStock:
    """Shows how many can be had to whoever may read a product, and the rest to its keepers."""

    queries: StockQueries
    of: OfProducts

    async def available(
        self, caller: Caller | None, product_id: UUID, part: Slice
    ) -> Page[Availability]:
        """Return how many of each variant anybody can have now. Raises NoSuchProduct."""
        await self.of.readable(caller, product_id)
        return await self.queries.available(product_id, part)

    async def one(self, caller: Caller, product_id: UUID, variant_id: UUID) -> StockView:
        """Return a stock. Raises NoSuchProduct, NoSuchVariant."""
        await self.of.allowed(caller, PRODUCTS_STOCK, product_id)
        return await self.queries.stock(product_id, variant_id)

    async def movements(
        self, caller: Caller, product_id: UUID, variant_id: UUID, cause: Cause | None, part: Slice
    ) -> Page[MovementView]:
        """Return the ledger of a stock. Raises NoSuchProduct."""
        await self.of.allowed(caller, PRODUCTS_STOCK, product_id)
        return await self.queries.movements(product_id, variant_id, cause, part)

    async def reservations(
        self,
        caller: Caller,
        product_id: UUID,
        variant_id: UUID,
        state: ReservationState | None,
        part: Slice,
    ) -> Page[ReservationView]:
        """Return what is, or was, set aside of a variant. Raises NoSuchProduct."""
        await self.of.allowed(caller, PRODUCTS_STOCK, product_id)
        return await self.queries.reservations(product_id, variant_id, state, part)

    async def reservation(
        self, caller: Caller, product_id: UUID, variant_id: UUID, id: UUID
    ) -> ReservationView:
        """Return one reservation. Raises NoSuchProduct, NoSuchReservation."""
        await self.of.allowed(caller, PRODUCTS_RESERVE, product_id)
        return await self.queries.reservation(product_id, variant_id, id)
