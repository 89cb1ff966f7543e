"""Reads prices as frozen views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from modules.catalog.adapters.sql.prices import price_changes, prices
from modules.catalog.application.amounts import priced
from modules.catalog.application.pricing.showing import PriceChange, PriceView
from modules.catalog.application.queries import Price
from modules.catalog.domain.money import Money
from modules.catalog.domain.prices import NoSuchPrice
from shared_kernel.adapters.sql import Database, Listing, Query, moment
from shared_kernel.application import Page, Slice

p, h = prices.c, price_changes.c


def _view(  # noqa: PLR0917 - the columns shown, in their order
    id: UUID,
    product_id: UUID,
    variant_id: UUID | None,
    amount: Decimal,
    currency: str,
    starts_at: datetime,
    ends_at: datetime | None,
    created_at: datetime,
    version: int,
) -> PriceView:
    price = priced(Money(amount, currency))
    return PriceView(id, product_id, variant_id, price, starts_at, ends_at, created_at, version)


def _change(  # noqa: PLR0917 - the columns shown, in their order
    id: UUID,
    variant_id: UUID | None,
    old_amount: Decimal | None,
    old_currency: str | None,
    amount: Decimal | None,
    currency: str | None,
    starts_at: datetime | None,
    ends_at: datetime | None,
    actor_id: UUID | None,
    occurred_at: datetime,
) -> PriceChange:
    old, new = _price(old_amount, old_currency), _price(amount, currency)
    return PriceChange(id, variant_id, old, new, starts_at, ends_at, actor_id, occurred_at)


def _price(amount: Decimal | None, currency: str | None) -> Price | None:
    return None if amount is None or currency is None else priced(Money(amount, currency))


SHOWN = select(
    p.id,
    p.product_id,
    p.variant_id,
    p.amount,
    p.currency,
    p.starts_at,
    p.ends_at,
    p.created_at,
    p.version,
).where(p.product_id == bindparam("product_id"))

ONE = Query(SHOWN.where(p.id == bindparam("id")), _view)

_at = bindparam("at", type_=moment())

IN_FORCE = Query(
    SHOWN.where(
        p.currency == bindparam("currency"),
        p.starts_at <= _at,
        or_(p.ends_at.is_(None), p.ends_at > _at),
        or_(p.variant_id.is_(None), p.variant_id == bindparam("variant_id")),
    ).order_by(p.variant_id.nulls_last()),
    _view,
)

LIST = Listing(
    SHOWN,
    _view,
    id=p.id,
    filters={
        "product_id": p.product_id == bindparam("product_id"),
        "variant_id": p.variant_id == bindparam("variant_id"),
        "currency": p.currency == bindparam("currency"),
    },
    sorts={"starts_at": p.starts_at},
)

CHANGES = Listing(
    select(
        h.id,
        h.variant_id,
        h.old_amount,
        h.old_currency,
        h.amount,
        h.currency,
        h.starts_at,
        h.ends_at,
        h.actor_id,
        h.occurred_at,
    ),
    _change,
    id=h.id,
    filters={"product_id": h.product_id == bindparam("product_id")},
    sorts={"occurred_at": h.occurred_at},
)


@dataclass(frozen=True, slots=True)
class SqlPriceQueries:
    """Reads prices on the read pool."""

    database: Database

    async def price(self, product_id: UUID, id: UUID) -> PriceView:
        view = await ONE.first(self.database.reads, product_id=product_id, id=id)
        if view is None:
            raise NoSuchPrice("there is no such price")
        return view

    async def prices(
        self, product_id: UUID, variant_id: UUID | None, currency: str | None, part: Slice
    ) -> Page[PriceView]:
        where = {"product_id": product_id, "variant_id": variant_id, "currency": currency}
        return await LIST.page(self.database.reads, where, "starts_at", part)

    async def in_force(
        self, product_id: UUID, variant_id: UUID | None, currency: str, *, at: datetime
    ) -> Sequence[PriceView]:
        return await IN_FORCE.all(
            self.database.reads,
            product_id=product_id,
            variant_id=variant_id,
            currency=currency,
            at=at,
        )

    async def changes(self, product_id: UUID, part: Slice) -> Page[PriceChange]:
        where = {"product_id": product_id}
        return await CHANGES.page(self.database.reads, where, "-occurred_at", part)
