"""Reads products as rows of an export."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import bindparam, select

from modules.catalog.adapters.sql.product_queries import ATTRIBUTES
from modules.catalog.adapters.sql.tables import categories, not_in_trash, products
from modules.catalog.application.exporting import ExportRow
from modules.catalog.application.queries import Price
from modules.catalog.domain.money import written
from modules.catalog.domain.product import Status
from shared_kernel.adapters.sql import Database, Listing
from shared_kernel.application import Page, Slice
from shared_kernel.application.conditions import Condition

c, p = categories.c, products.c


def _row(  # noqa: PLR0917 - the columns shown, in their order
    sku: str,
    name: str,
    description: str,
    amount: Decimal,
    currency: str,
    category: str | None,
    status: Status,
) -> ExportRow:
    price = Price(amount=written(amount, currency), currency=currency)
    return ExportRow(sku, name, description, price, category, status)


# Looked up row by row: a join would let the planner leave the order of the index.
_category = select(c.external_id).where(c.id == p.category_id).scalar_subquery()

ROWS = Listing(
    select(
        p.sku, p.name, p.description, p.amount, p.currency, _category.label("category"), p.status
    ).where(not_in_trash),
    _row,
    id=p.id,
    filters={"status": p.status == bindparam("status")},
    sorts={"created_at": p.created_at},
    columns=ATTRIBUTES,
)


@dataclass(frozen=True, slots=True)
class SqlExportQueries:
    """Reads rows on the read pool. What the policy shows is part of the SQL."""

    database: Database

    async def rows(
        self, status: Status | None, part: Slice, *, within: Condition
    ) -> Page[ExportRow]:
        where = {"status": status}
        return await ROWS.page(self.database.reads, where, "created_at", part, within=within)
