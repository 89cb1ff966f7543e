"""Reads products as rows of an export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import bindparam, func, select

from modules.catalog.adapters.sql.attributes import attributes as attributes_defined
from modules.catalog.adapters.sql.product_queries import ATTRIBUTES
from modules.catalog.adapters.sql.tables import brands, categories, not_in_trash, products
from modules.catalog.adapters.sql.translations import slugs
from modules.catalog.application.exporting import ExportRow, Wording
from modules.catalog.application.queries import Price
from modules.catalog.domain.attributes import AttributeValue
from modules.catalog.domain.money import written
from modules.catalog.domain.product import Status
from shared_kernel.adapters.sql import Database, Listing, Query
from shared_kernel.application import Page, Slice
from shared_kernel.application.conditions import Condition

a, b, c, p, s = attributes_defined.c, brands.c, categories.c, products.c, slugs.c


def _row(  # noqa: PLR0917 - the columns shown, in their order
    sku: str,
    slug: str,
    name: str,
    description: str,
    amount: Decimal,
    currency: str,
    category: str | None,
    brand: str | None,
    tags: Sequence[str],
    attributes: dict[str, AttributeValue],
    translations: dict[str, dict[str, str]],
    status: Status,
) -> ExportRow:
    return ExportRow(
        sku,
        slug,
        name,
        description,
        Price(amount=written(amount, currency), currency=currency),
        category,
        brand,
        tags,
        attributes,
        translations,
        status,
    )


# Looked up row by row: a join would let the planner leave the order of the index.
_category = select(func.coalesce(c.external_id, c.slug)).where(c.id == p.category_id)
_brand = select(b.name).where(b.id == p.brand_id)

ROWS = Listing(
    select(
        p.sku,
        p.slug,
        p.name,
        p.description,
        p.amount,
        p.currency,
        _category.scalar_subquery().label("category"),
        _brand.scalar_subquery().label("brand"),
        p.tags,
        p.attributes,
        p.translations,
        p.status,
    ).where(not_in_trash),
    _row,
    id=p.id,
    filters={"status": p.status == bindparam("status")},
    sorts={"created_at": p.created_at},
    columns=ATTRIBUTES,
)

CODES = Query(select(a.code).distinct().order_by(a.code), str)
LOCALES = Query(select(s.locale).distinct().order_by(s.locale), str)


@dataclass(frozen=True, slots=True)
class SqlExportQueries:
    """Reads rows on the read pool. What the policy shows is part of the SQL."""

    database: Database

    async def rows(
        self, status: Status | None, part: Slice, *, within: Condition
    ) -> Page[ExportRow]:
        where = {"status": status}
        return await ROWS.page(self.database.reads, where, "created_at", part, within=within)

    async def wording(self) -> Wording:
        reads = self.database.reads
        return Wording(await CODES.all(reads), await LOCALES.all(reads))
