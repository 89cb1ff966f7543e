"""Reads products as frozen views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Numeric,
    String,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONPATH

from modules.catalog.adapters.sql.tables import categories, lower_name, not_in_trash, products
from modules.catalog.adapters.sql.translations import slugs
from modules.catalog.application.queries import Price, ProductFilter, ProductSort, ProductView
from modules.catalog.domain.attributes import AttributeValue
from modules.catalog.domain.money import written
from modules.catalog.domain.product import NoSuchProduct, Status
from shared_kernel.adapters.sql import Columns, Database, Listing, Query
from shared_kernel.application import Page, Slice
from shared_kernel.application.conditions import Condition

c, p = categories.c, products.c

LAST = "\U0010ffff"  # sorts behind every continuation of a prefix


def view_of_product(  # noqa: PLR0917 - the columns shown, in their order
    id: UUID,
    sku: str,
    slug: str,
    name: str,
    description: str,
    amount: Decimal,
    currency: str,
    category_id: UUID | None,
    brand_id: UUID | None,
    tags: list[str],
    attributes: dict[str, AttributeValue],
    owner_id: UUID | None,
    status: Status,
    created_at: datetime,
    published_at: datetime | None,
    version: int,
) -> ProductView:
    return ProductView(
        id,
        sku,
        slug,
        name,
        description,
        Price(amount=written(amount, currency), currency=currency),
        category_id,
        brand_id,
        tags,
        attributes,
        owner_id,
        status,
        created_at,
        published_at,
        version,
    )


SHOWN = select(
    p.id,
    p.sku,
    p.slug,
    p.name,
    p.description,
    p.amount,
    p.currency,
    p.category_id,
    p.brand_id,
    p.tags,
    p.attributes,
    p.owner_id,
    p.status,
    p.created_at,
    p.published_at,
    p.version,
).where(not_in_trash)

ONE = Query(SHOWN.where(p.id == bindparam("id")), view_of_product)
SOME = Query(SHOWN.where(p.id == any_(bindparam("ids", type_=ARRAY(Uuid)))), view_of_product)

LANGUAGE = p.translations[bindparam("locale", type_=String())]


def _translated(*row: Any) -> ProductView:
    """Return a product with what it says in another language, where it says anything."""
    *cells, words = row
    view = view_of_product(*cells)
    return view if words is None else replace(view, **words)


TRANSLATED = SHOWN.add_columns(LANGUAGE)

ONE_TRANSLATED: Query[ProductView] = Query(TRANSLATED.where(p.id == bindparam("id")), _translated)

_slug = bindparam("slug", type_=String())

# What is called so in the language comes before what is called so in the shop's own.
BY_SLUG: Query[ProductView] = Query(
    TRANSLATED.where(
        p.id
        == func.coalesce(
            select(slugs.c.product_id)
            .where(slugs.c.locale == bindparam("locale", type_=String()), slugs.c.slug == _slug)
            .scalar_subquery(),
            select(p.id).where(p.slug == _slug, not_in_trash).correlate(None).scalar_subquery(),
        )
    ),
    _translated,
)

ATTRIBUTES: Columns = {
    "resource.id": p.id,
    "resource.owner_id": p.owner_id,
    "resource.status": p.status,
    "resource.category_id": p.category_id,
    "resource.brand_id": p.brand_id,
    "resource.tags": p.tags,
    "resource.sku": p.sku,
    "resource.amount": p.amount,
    "resource.currency": p.currency,
    "resource.created_at": p.created_at,
    "resource.published_at": p.published_at,
}
"""Where the attributes stand that conditions may read."""

VERSION = p.version

# The categories below one are looked up as a table that refers to itself: moving a subtree then
# changes one row, and depth is bounded by the rules of the tree.
_top = select(c.id).where(c.id == bindparam("category_id")).cte("subtree", recursive=True)
subtree = _top.union_all(select(c.id).join(_top, c.parent_id == _top.c.id))

# As an array, because the planner takes a recursive table for large and would read all products.
_subtree_ids = func.array(select(subtree.c.id).scalar_subquery(), type_=ARRAY(Uuid))

_prefix = func.lower(bindparam("q", type_=String()))

FILTERS: Mapping[str, ColumnElement[bool]] = {
    "status": p.status == bindparam("status"),
    "category_id": p.category_id == any_(_subtree_ids),
    "sku": p.sku == bindparam("sku"),
    "skus": p.sku == any_(bindparam("skus", type_=ARRAY(String))),
    "lowest": p.amount >= bindparam("lowest", type_=Numeric()),
    "highest": p.amount <= bindparam("highest", type_=Numeric()),
    "currency": p.currency == bindparam("currency"),
    "owner_id": p.owner_id == bindparam("owner_id"),
    "brand_id": p.brand_id == bindparam("brand_id"),
    "tags": p.tags.contains(bindparam("tags", type_=ARRAY(String))),
    "attributes": p.attributes.op("@@")(cast(bindparam("attributes", type_=String()), JSONPATH)),
    "q": and_(lower_name >= _prefix, lower_name < _prefix + LAST),
}

LIST = Listing(
    SHOWN,
    view_of_product,
    id=p.id,
    filters=FILTERS,
    sorts={"created_at": p.created_at, "name": p.name, "price": p.amount},
    columns=ATTRIBUTES,
)


@dataclass(frozen=True, slots=True)
class SqlProductQueries:
    """Reads products on the read pool. What the policy shows is part of the SQL."""

    database: Database

    async def product(self, product_id: UUID, *, locale: str | None = None) -> ProductView:
        query = ONE if locale is None else ONE_TRANSLATED
        return _found(await query.first(self.database.reads, id=product_id, locale=locale))

    async def called(self, slug: str, locale: str | None) -> ProductView:
        return _found(await BY_SLUG.first(self.database.reads, slug=slug, locale=locale or ""))

    async def products_of(self, ids: Sequence[UUID]) -> Mapping[UUID, ProductView]:
        found = await SOME.all(self.database.reads, ids=[*ids])
        return {view.id: view for view in found}

    async def products(
        self, where: ProductFilter, sort: ProductSort, part: Slice, *, within: Condition
    ) -> Page[ProductView]:
        return await LIST.page(self.database.reads, conditions_of(where), sort, part, within=within)


def _found(view: ProductView | None) -> ProductView:
    if view is None:
        raise NoSuchProduct("there is no such product")
    return view


def conditions_of(where: ProductFilter) -> Mapping[str, object]:
    return {
        "status": where.status,
        "category_id": where.category_id,
        "sku": where.sku,
        "skus": where.skus,
        "lowest": where.lowest,
        "highest": where.highest,
        "currency": where.currency,
        "owner_id": where.owner_id,
        "brand_id": where.brand_id,
        "tags": where.tags,
        "attributes": where.attributes,
        "q": where.q,
    }
