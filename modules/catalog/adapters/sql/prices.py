"""Price lists in PostgreSQL, and what became of every price."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Named,
    Numeric,
    String,
    Table,
    TypedColumns,
    Uuid,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import composite

from modules.catalog.adapters.sql.tables import mapper, metadata
from modules.catalog.domain.money import Money
from modules.catalog.domain.prices import ListedPrice, NoSuchPrice, PricesOverlap
from modules.catalog.public import PriceChanged
from shared_kernel.adapters.sql import (
    APPEND_ONLY,
    AggregateColumns,
    Constraints,
    SqlRepository,
    moment,
)
from shared_kernel.adapters.sql.journal import Addition, insertion
from shared_kernel.application import Origin
from shared_kernel.domain import new_id


class PriceColumns(AggregateColumns):
    product_id: Named[UUID] = Column(
        Uuid, ForeignKey("catalog.products.id", ondelete="CASCADE"), nullable=False
    )
    variant_id: Named[UUID | None] = Column(
        Uuid(), ForeignKey("catalog.variants.id", ondelete="CASCADE")
    )
    amount: Named[Decimal] = Column(Numeric(13, 3), nullable=False)
    currency: Named[str] = Column(String(3), nullable=False)
    starts_at: Named[datetime] = Column(moment(), nullable=False)
    ends_at: Named[datetime | None] = Column(moment())
    created_at: Named[datetime] = Column(moment(), nullable=False)


class PriceChangeColumns(TypedColumns):
    id: Named[UUID] = Column(Uuid, primary_key=True)
    product_id: Named[UUID] = Column(Uuid, nullable=False)
    variant_id: Named[UUID | None] = Column(Uuid())
    old_amount: Named[Decimal | None] = Column(Numeric(13, 3))
    old_currency: Named[str | None] = Column(String(3))
    amount: Named[Decimal | None] = Column(Numeric(13, 3))
    currency: Named[str | None] = Column(String(3))
    starts_at: Named[datetime | None] = Column(moment())
    ends_at: Named[datetime | None] = Column(moment())
    actor_id: Named[UUID | None] = Column(Uuid())
    occurred_at: Named[datetime] = Column(moment(), nullable=False)


prices = Table("prices", metadata, PriceColumns)
# Without foreign keys: what became of prices outlives what they were of.
price_changes = Table("price_changes", metadata, PriceChangeColumns, info=APPEND_ONLY)
p, h = prices.c, price_changes.c

Index(None, p.product_id, p.starts_at, p.id)
Index(None, p.variant_id)  # for what a deleted variant takes along
Index(None, h.product_id, h.occurred_at, h.id)

prices.append_constraint(
    ExcludeConstraint(
        (func.coalesce(p.variant_id, p.product_id), "="),
        (p.currency, "="),
        (func.tstzrange(p.starts_at, p.ends_at), "&&"),
        name="ex_prices_overlap",
    )
)

CONSTRAINTS: Constraints = {
    "ex_prices_overlap": PricesOverlap(
        "another price is in force in that time; end it first", field="/starts_at"
    )
}

mapper.map_imperatively(
    ListedPrice,
    prices,
    version_id_col=p.version,
    properties={"price": composite(Money, p.amount, p.currency)},
)


class SqlPrices(SqlRepository[ListedPrice]):
    """Listed prices, each locked before it is changed."""

    aggregate = ListedPrice
    missing = NoSuchPrice

    async def living_of(self, product_id: UUID, *, at: datetime) -> int:
        living = select(func.count()).where(
            p.product_id == product_id, or_(p.ends_at.is_(None), p.ends_at > at)
        )
        return await self._session.scalar(living) or 0

    async def of(self, product_id: UUID, id: UUID) -> ListedPrice:
        wanted = select(ListedPrice).where(p.id == id, p.product_id == product_id)
        return self._found(await self._session.scalar(wanted.with_for_update()))


NOTED = insertion("price_changes", price_changes)


def history(events: Iterable[object], origin: Origin) -> Addition:
    """Return what notes every change of a price among the events, and who did it."""
    rows = [_row(one, origin) for one in events if isinstance(one, PriceChanged)]
    return Addition((NOTED,), {"price_changes": rows}) if rows else Addition()


def _row(event: PriceChanged, origin: Origin) -> dict[str, Any]:
    members = {
        "id": new_id(),
        "product_id": event.subject_id,
        "variant_id": event.variant_id,
        "old_amount": event.old_amount,
        "old_currency": event.old_currency,
        "amount": event.amount,
        "currency": event.currency,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "actor_id": origin.actor_id,
        "occurred_at": event.occurred_at,
    }
    return {name: None if value is None else str(value) for name, value in members.items()}
