"""Tells other modules of products."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from modules.catalog.adapters.sql.tables import not_in_trash, products
from modules.catalog.domain.product import Status
from modules.catalog.public import ProductCard
from shared_kernel.adapters.sql import Database, Query

p = products.c


def _card(  # noqa: PLR0917 - the columns shown, in their order
    id: UUID,
    sku: str,
    slug: str,
    name: str,
    amount: Decimal,
    currency: str,
    category_id: UUID | None,
    brand_id: UUID | None,
    owner_id: UUID | None,
    status: Status,
) -> ProductCard:
    return ProductCard(
        id, sku, slug, name, amount, currency, category_id, brand_id, owner_id, status.value
    )


FOUND = Query(
    select(
        p.id,
        p.sku,
        p.slug,
        p.name,
        p.amount,
        p.currency,
        p.category_id,
        p.brand_id,
        p.owner_id,
        p.status,
    ).where(p.id == any_(bindparam("ids", type_=ARRAY(Uuid))), not_in_trash),
    _card,
)


@dataclass(frozen=True, slots=True)
class SqlProductDirectory:
    """Reads products for other modules on the read pool."""

    database: Database

    async def find(self, ids: Collection[UUID]) -> Mapping[UUID, ProductCard]:
        found = await FOUND.all(self.database.reads, ids=[*ids])
        return {card.id: card for card in found}
