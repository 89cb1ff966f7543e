"""Stocks, their ledger and reservations in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Named,
    String,
    Table,
    TypedColumns,
    Uuid,
    delete,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert as insert_unless

from modules.catalog.adapters.sql.tables import mapper, metadata
from modules.catalog.adapters.sql.variants import variants
from modules.catalog.domain.reservations import NoSuchReservation, Reservation, ReservationState
from modules.catalog.domain.stock import NOTE_LENGTH, Cause, Movement, Stock
from modules.catalog.domain.variants import NoSuchVariant
from shared_kernel.adapters.sql import (
    APPEND_ONLY,
    AggregateColumns,
    SqlRepository,
    choice,
    moment,
)

MOST_AT_ONCE = 500


class StockColumns(AggregateColumns):
    id: Named[UUID] = Column(
        Uuid, ForeignKey("catalog.variants.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: Named[UUID] = Column(Uuid, nullable=False)
    on_hand: Named[int] = Column(Integer, nullable=False)
    reserved: Named[int] = Column(Integer, nullable=False)
    low_mark: Named[int | None] = Column(Integer)


class ReservationColumns(AggregateColumns):
    variant_id: Named[UUID] = Column(
        Uuid, ForeignKey("catalog.variants.id", ondelete="CASCADE"), nullable=False
    )
    product_id: Named[UUID] = Column(Uuid, nullable=False)
    quantity: Named[int] = Column(Integer, nullable=False)
    holder_id: Named[UUID] = Column(Uuid, nullable=False)
    state: Named[ReservationState] = Column(choice(ReservationState), nullable=False)
    expires_at: Named[datetime] = Column(moment(), nullable=False)
    created_at: Named[datetime] = Column(moment(), nullable=False)


class MovementColumns(TypedColumns):
    id: Named[UUID] = Column(Uuid, primary_key=True)
    variant_id: Named[UUID] = Column(Uuid, nullable=False)
    product_id: Named[UUID] = Column(Uuid, nullable=False)
    cause: Named[Cause] = Column(choice(Cause), nullable=False)
    change: Named[int] = Column(Integer, nullable=False)
    reserved_change: Named[int] = Column(Integer, nullable=False)
    on_hand: Named[int] = Column(Integer, nullable=False)
    reserved: Named[int] = Column(Integer, nullable=False)
    reservation_id: Named[UUID | None] = Column(Uuid())
    note: Named[str] = Column(String(NOTE_LENGTH), nullable=False)
    actor_id: Named[UUID | None] = Column(Uuid())
    occurred_at: Named[datetime] = Column(moment(), nullable=False)


stocks = Table(
    "stocks",
    metadata,
    StockColumns,
    # The last line of defence: what changes a stock holds it locked and has looked before.
    CheckConstraint("0 <= reserved and reserved <= on_hand", name="nothing_below_zero"),
)
reservations = Table("reservations", metadata, ReservationColumns)
# Without foreign keys: the ledger outlives what it tells of.
movements = Table("stock_movements", metadata, MovementColumns, info=APPEND_ONLY)
s, r, m = stocks.c, reservations.c, movements.c

Index(None, r.variant_id, r.state, r.expires_at)
Index(None, r.variant_id, r.created_at, r.id)
Index(None, r.state, r.expires_at)
Index(None, m.variant_id, m.occurred_at, m.id)

mapper.map_imperatively(Stock, stocks, version_id_col=s.version)
mapper.map_imperatively(Reservation, reservations, version_id_col=r.version)

HELD = ReservationState.HELD


class SqlStocks(SqlRepository[Stock]):
    """Stocks, each locked before it is changed: two who take from one take one after the other."""

    aggregate = Stock
    missing = NoSuchVariant

    async def of(self, product_id: UUID, variant_id: UUID) -> Stock:
        stock = await self._locked(product_id, variant_id)
        if stock is None:
            await self._begin(product_id, variant_id)
            stock = await self._locked(product_id, variant_id)
        if stock is None:
            raise NoSuchVariant("there is no such variant")
        return self._found(stock)

    async def enter(self, lines: Sequence[Movement]) -> None:
        if lines:
            await self._session.execute(insert(movements), [asdict(one) for one in lines])

    async def _locked(self, product_id: UUID, variant_id: UUID) -> Stock | None:
        wanted = select(Stock).where(s.id == variant_id, s.product_id == product_id)
        return await self._session.scalar(wanted.with_for_update())

    async def _begin(self, product_id: UUID, variant_id: UUID) -> None:
        """Make an empty stock of a variant, unless somebody does at the same time."""
        v = variants.c
        of_variant = select(v.id, literal(1), v.product_id, literal(0), literal(0)).where(
            v.id == variant_id, v.product_id == product_id
        )
        made = insert_unless(stocks).from_select(
            ["id", "version", "product_id", "on_hand", "reserved"], of_variant
        )
        await self._session.execute(made.on_conflict_do_nothing())


class SqlReservations(SqlRepository[Reservation]):
    """Reservations. Their stock is locked first, by whoever changes one."""

    aggregate = Reservation
    missing = NoSuchReservation

    async def of(self, variant_id: UUID, id: UUID) -> Reservation:
        wanted = select(Reservation).where(r.id == id, r.variant_id == variant_id)
        return self._found(await self._session.scalar(wanted.with_for_update()))

    async def overdue_of(self, variant_id: UUID, *, at: datetime) -> Sequence[Reservation]:
        overdue = select(Reservation).where(
            r.variant_id == variant_id, r.state == HELD, r.expires_at <= at
        )
        first = overdue.order_by(r.expires_at).limit(MOST_AT_ONCE).with_for_update()
        return self._tracked(await self._session.scalars(first))

    async def some_overdue(self, *, at: datetime) -> Sequence[tuple[UUID, UUID]]:
        overdue = select(r.product_id, r.variant_id).where(r.state == HELD, r.expires_at <= at)
        rows = await self._session.execute(overdue.order_by(r.expires_at).limit(MOST_AT_ONCE))
        return list(dict.fromkeys((row.product_id, row.variant_id) for row in rows))

    async def forget(self, *, before: datetime) -> int:
        over = select(r.id).where(r.state != HELD, r.expires_at < before).limit(MOST_AT_ONCE)
        gone = await self._session.execute(
            delete(reservations).where(r.id.in_(over)).returning(r.id)
        )
        return len(gone.all())
