"""Reads products as frozen views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Numeric,
    String,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    or_,
    select,
)

from modules.catalog.adapters.sql.tables import categories, lower_name, products
from modules.catalog.application.queries import Price, ProductFilter, ProductSort, ProductView
from modules.catalog.domain.money import written
from modules.catalog.domain.product import Actor, NoSuchProduct, Status
from shared_kernel.adapters.sql import Database, Listing, Query
from shared_kernel.application import Page, Slice

c, p = categories.c, products.c

LAST = "\U0010ffff"  # sorts behind every continuation of a prefix


def _view(  # noqa: PLR0917 - the columns shown, in their order
    id: UUID,
    sku: str,
    name: str,
    description: str,
    amount: Decimal,
    currency: str,
    category_id: UUID | None,
    owner_id: UUID | None,
    status: Status,
    created_at: datetime,
    published_at: datetime | None,
    version: int,
) -> ProductView:
    return ProductView(
        id,
        sku,
        name,
        description,
        Price(amount=written(amount, currency), currency=currency),
        category_id,
        owner_id,
        status,
        created_at,
        published_at,
        version,
    )


SHOWN = select(
    p.id,
    p.sku,
    p.name,
    p.description,
    p.amount,
    p.currency,
    p.category_id,
    p.owner_id,
    p.status,
    p.created_at,
    p.published_at,
    p.version,
)

published = p.status == Status.PUBLISHED


def _owned_by(parameter: str) -> ColumnElement[bool]:
    return p.owner_id == bindparam(parameter, type_=Uuid())


ONE = Query(
    SHOWN.where(
        p.id == bindparam("id"),
        or_(published, _owned_by("viewer"), bindparam("everything", type_=Boolean())),
    ),
    _view,
)

# The categories below one are looked up as a table that refers to itself: moving a subtree then
# changes one row, and depth is bounded by the rules of the tree.
_top = select(c.id).where(c.id == bindparam("category_id")).cte("subtree", recursive=True)
subtree = _top.union_all(select(c.id).join(_top, c.parent_id == _top.c.id))

# As an array, because the planner takes a recursive table for large and would read all products.
_subtree_ids = func.array(select(subtree.c.id).scalar_subquery(), type_=ARRAY(Uuid))

_prefix = func.lower(bindparam("q", type_=String()))

LIST = Listing(
    SHOWN,
    _view,
    id=p.id,
    filters={
        "published": published,
        "mine": _owned_by("mine"),
        "published_or_mine": or_(published, _owned_by("published_or_mine")),
        "status": p.status == bindparam("status"),
        "category_id": p.category_id == any_(_subtree_ids),
        "sku": p.sku == bindparam("sku"),
        "skus": p.sku == any_(bindparam("skus", type_=ARRAY(String))),
        "lowest": p.amount >= bindparam("lowest", type_=Numeric()),
        "highest": p.amount <= bindparam("highest", type_=Numeric()),
        "currency": p.currency == bindparam("currency"),
        "owner_id": _owned_by("owner_id"),
        "q": and_(lower_name >= _prefix, lower_name < _prefix + LAST),
    },
    sorts={"created_at": p.created_at, "name": p.name, "price": p.amount},
)


@dataclass(frozen=True, slots=True)
class SqlProductQueries:
    """Reads products on the read pool. Who may see a row is part of its SQL."""

    database: Database

    async def product(self, product_id: UUID, *, seen_by: Actor) -> ProductView:
        view = await ONE.first(
            self.database.reads, id=product_id, viewer=seen_by.id, everything=seen_by.manages_all
        )
        if view is None:
            raise NoSuchProduct("there is no such product")
        return view

    async def products(
        self, where: ProductFilter, sort: ProductSort, part: Slice, *, seen_by: Actor
    ) -> Page[ProductView]:
        conditions = {**_conditions(where), **_visible(where, seen_by)}
        return await LIST.page(self.database.reads, conditions, sort, part)


def _conditions(where: ProductFilter) -> Mapping[str, object]:
    return {
        "status": where.status,
        "category_id": where.category_id,
        "sku": where.sku,
        "skus": where.skus,
        "lowest": where.lowest,
        "highest": where.highest,
        "currency": where.currency,
        "owner_id": where.owner_id,
        "q": where.q,
    }


def _visible(where: ProductFilter, viewer: Actor) -> Mapping[str, object]:
    """Say what of the list may be seen, in the form an index serves best.

    The filter alone often settles it: whoever asks for what is published sees all of that, and
    whoever asks for anything else sees their own.
    """
    if viewer.manages_all or where.status is Status.PUBLISHED:
        return {}
    if viewer.id is None:
        return {"published": True}
    if where.owner_id == viewer.id:
        return {}
    if where.status is not None:
        return {"mine": viewer.id}
    return {"published_or_mine": viewer.id}
