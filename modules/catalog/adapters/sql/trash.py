"""Reads the trash."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select, type_coerce

from modules.catalog.adapters.sql.product_queries import ATTRIBUTES
from modules.catalog.adapters.sql.tables import products
from modules.catalog.application.trash import DeletedProductView
from shared_kernel.adapters.sql import Database, Listing, moment
from shared_kernel.application import Page, Slice
from shared_kernel.application.conditions import Condition
from shared_kernel.domain import AccountId

p = products.c


LIST = Listing(
    select(
        p.id,
        p.sku,
        p.slug,
        p.name,
        p.category_id,
        p.owner_id,
        p.status,
        p.created_at,
        type_coerce(p.deleted_at, moment()),  # null nowhere here
        p.version,
    ).where(p.deleted_at.is_not(None)),
    DeletedProductView,
    id=p.id,
    filters={"owner_id": p.owner_id == bindparam("owner_id")},
    sorts={"deleted_at": p.deleted_at},
    columns=ATTRIBUTES,
)


@dataclass(frozen=True, slots=True)
class SqlTrashQueries:
    """Reads the trash on the read pool. What the policy shows is part of the SQL."""

    database: Database

    async def deleted(
        self, part: Slice, *, within: Condition, owner_id: AccountId | None = None
    ) -> Page[DeletedProductView]:
        where = {"owner_id": owner_id}
        return await LIST.page(self.database.reads, where, "-deleted_at", part, within=within)
