"""Reads stocks as frozen views."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Integer, bindparam, cast, func, select

from modules.catalog.adapters.sql.stock import HELD, movements, reservations, stocks
from modules.catalog.adapters.sql.variants import variants
from modules.catalog.application.stock.showing import (
    Availability,
    MovementView,
    ReservationView,
    StockView,
)
from modules.catalog.domain.reservations import NoSuchReservation, ReservationState
from modules.catalog.domain.stock import Cause
from modules.catalog.domain.variants import NoSuchVariant
from shared_kernel.adapters.sql import Database, Listing, Query
from shared_kernel.application import Page, Slice

v, s, r, m = variants.c, stocks.c, reservations.c, movements.c

# What is held beyond its time can be had, though nobody has given it back yet.
_promised = (
    select(cast(func.coalesce(func.sum(r.quantity), 0), Integer))
    .where(r.variant_id == v.id, r.state == HELD, r.expires_at > func.now())
    .scalar_subquery()
)

AVAILABLE = Listing(
    select(v.id, v.sku, func.coalesce(s.on_hand, 0, type_=Integer()) - _promised).join(
        stocks, s.id == v.id, isouter=True
    ),
    Availability,
    id=v.id,
    filters={"product_id": v.product_id == bindparam("product_id")},
    sorts={"position": v.position},
)

# A variant that was never counted has an empty stock at its first version.
ONE = Query(
    select(
        v.id,
        v.product_id,
        func.coalesce(s.on_hand, 0, type_=Integer()),
        func.coalesce(s.reserved, 0, type_=Integer()),
        s.low_mark,
        func.coalesce(s.version, 1, type_=Integer()),
    )
    .join(stocks, s.id == v.id, isouter=True)
    .where(v.id == bindparam("variant_id"), v.product_id == bindparam("product_id")),
    StockView,
)

LEDGER = Listing(
    select(
        m.id,
        m.variant_id,
        m.product_id,
        m.cause,
        m.change,
        m.reserved_change,
        m.on_hand,
        m.reserved,
        m.reservation_id,
        m.note,
        m.actor_id,
        m.occurred_at,
    ),
    MovementView,
    id=m.id,
    filters={
        "product_id": m.product_id == bindparam("product_id"),
        "variant_id": m.variant_id == bindparam("variant_id"),
        "cause": m.cause == bindparam("cause"),
    },
    sorts={"occurred_at": m.occurred_at},
)

RESERVED = select(
    r.id,
    r.variant_id,
    r.product_id,
    r.quantity,
    r.holder_id,
    r.state,
    r.expires_at,
    r.created_at,
    r.version,
)

RESERVATIONS = Listing(
    RESERVED,
    ReservationView,
    id=r.id,
    filters={
        "product_id": r.product_id == bindparam("product_id"),
        "variant_id": r.variant_id == bindparam("variant_id"),
        "state": r.state == bindparam("state"),
    },
    sorts={"created_at": r.created_at},
)

RESERVATION = Query(
    RESERVED.where(
        r.id == bindparam("id"),
        r.variant_id == bindparam("variant_id"),
        r.product_id == bindparam("product_id"),
    ),
    ReservationView,
)


@dataclass(frozen=True, slots=True)
class SqlStockQueries:
    """Reads stocks on the read pool."""

    database: Database

    async def available(self, product_id: UUID, part: Slice) -> Page[Availability]:
        where = {"product_id": product_id}
        return await AVAILABLE.page(self.database.reads, where, "position", part)

    async def stock(self, product_id: UUID, variant_id: UUID) -> StockView:
        view = await ONE.first(self.database.reads, product_id=product_id, variant_id=variant_id)
        if view is None:
            raise NoSuchVariant("there is no such variant")
        return view

    async def movements(
        self, product_id: UUID, variant_id: UUID, cause: Cause | None, part: Slice
    ) -> Page[MovementView]:
        where = {"product_id": product_id, "variant_id": variant_id, "cause": cause}
        return await LEDGER.page(self.database.reads, where, "-occurred_at", part)

    async def reservations(
        self, product_id: UUID, variant_id: UUID, state: ReservationState | None, part: Slice
    ) -> Page[ReservationView]:
        where = {"product_id": product_id, "variant_id": variant_id, "state": state}
        return await RESERVATIONS.page(self.database.reads, where, "-created_at", part)

    async def reservation(self, product_id: UUID, variant_id: UUID, id: UUID) -> ReservationView:
        view = await RESERVATION.first(
            self.database.reads, id=id, variant_id=variant_id, product_id=product_id
        )
        if view is None:
            raise NoSuchReservation("there is no such reservation")
        return view
