"""Variants in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    Named,
    Numeric,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import composite

from modules.catalog.adapters.sql.tables import mapper, metadata
from modules.catalog.application.amounts import priced
from modules.catalog.application.variants.showing import VariantView
from modules.catalog.domain.barcodes import BARCODE_LENGTH
from modules.catalog.domain.money import Money
from modules.catalog.domain.text import CODE_LENGTH
from modules.catalog.domain.variants import NoSuchVariant, OptionsTaken, Variant, VariantSkuTaken
from shared_kernel.adapters.sql import (
    AggregateColumns,
    Constraints,
    Database,
    Listing,
    Query,
    SqlRepository,
    moment,
)
from shared_kernel.application import Page, Slice


class VariantColumns(AggregateColumns):
    product_id: Named[UUID] = Column(
        Uuid(), ForeignKey("catalog.products.id", ondelete="CASCADE"), nullable=False
    )
    sku: Named[str] = Column(String(CODE_LENGTH), nullable=False)
    options: Named[Mapping[str, str]] = Column(JSONB[Mapping[str, str]](), nullable=False)
    barcode: Named[str | None] = Column(String(BARCODE_LENGTH))
    amount: Named[Decimal | None] = Column(Numeric(13, 3))
    currency: Named[str | None] = Column(String(3))
    position: Named[int] = Column(Integer, nullable=False)
    created_at: Named[datetime] = Column(moment(), nullable=False)
    # Since when its product lies in the trash: a trigger of products keeps it.
    deleted_at: Named[datetime | None] = Column(moment())


variants = Table("variants", metadata, VariantColumns, UniqueConstraint("product_id", "options"))
v = variants.c

Index(None, v.product_id, v.position, v.id)

# What lies in the trash leaves its SKU to others.
Index("uq_variants_living_sku", v.sku, unique=True, postgresql_where=v.deleted_at.is_(None))

CONSTRAINTS: Constraints = {
    "uq_variants_living_sku": VariantSkuTaken("another variant has this SKU", field="/sku"),
    "uq_variants_product_id_options": OptionsTaken(
        "another variant of the product has these options", field="/options"
    ),
}


def _price(amount: Decimal | None, currency: str | None) -> Money | None:
    return None if amount is None or currency is None else Money(amount, currency)


mapper.map_imperatively(
    Variant,
    variants,
    version_id_col=v.version,
    properties={
        "price": composite(Money, v.amount, v.currency, return_none_on=lambda *cells: None in cells)
    },
    exclude_properties=[v.deleted_at],
)


class SqlVariants(SqlRepository[Variant]):
    """Variants, each locked before it is changed."""

    aggregate = Variant
    missing = NoSuchVariant

    async def count_of(self, product_id: UUID) -> int:
        counted = select(func.count()).select_from(variants).where(v.product_id == product_id)
        return await self._session.scalar(counted) or 0

    async def of(self, product_id: UUID, id: UUID) -> Variant:
        wanted = select(Variant).where(v.id == id, v.product_id == product_id)
        return self._found(await self._session.scalar(wanted.with_for_update()))


def _view(  # noqa: PLR0917 - the columns shown, in their order
    id: UUID,
    product_id: UUID,
    sku: str,
    options: Mapping[str, str],
    barcode: str | None,
    amount: Decimal | None,
    currency: str | None,
    position: int,
    created_at: datetime,
    version: int,
) -> VariantView:
    price = _price(amount, currency)
    return VariantView(
        id,
        product_id,
        sku,
        dict(sorted(options.items())),
        barcode,
        None if price is None else priced(price),
        position,
        created_at,
        version,
    )


SHOWN = select(
    v.id,
    v.product_id,
    v.sku,
    v.options,
    v.barcode,
    v.amount,
    v.currency,
    v.position,
    v.created_at,
    v.version,
)
OF_PRODUCT = SHOWN.where(v.product_id == bindparam("product_id"))

ONE = Query(OF_PRODUCT.where(v.id == bindparam("id")), _view)

LIST = Listing(
    SHOWN,
    _view,
    id=v.id,
    filters={"product_id": v.product_id == bindparam("product_id")},
    sorts={"position": v.position},
)


@dataclass(frozen=True, slots=True)
class SqlVariantQueries:
    """Reads variants on the read pool."""

    database: Database

    async def variant(self, product_id: UUID, variant_id: UUID) -> VariantView:
        view = await ONE.first(self.database.reads, product_id=product_id, id=variant_id)
        if view is None:
            raise NoSuchVariant("there is no such variant")
        return view

    async def variants(self, product_id: UUID, part: Slice) -> Page[VariantView]:
        where = {"product_id": product_id}
        return await LIST.page(self.database.reads, where, "position", part)
