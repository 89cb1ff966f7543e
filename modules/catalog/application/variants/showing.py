"""What is shown of variants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.catalog.application.amounts import priced
from modules.catalog.application.parts import OfProducts
from modules.catalog.application.queries import Price
from modules.catalog.domain.variants import Variant
from shared_kernel.application import Caller, Page, Slice


@dataclass(frozen=True, slots=True)
class VariantView:
    """One form of a product. A `price` of null is the product's."""

    id: UUID
    product_id: UUID
    sku: str
    options: dict[str, str]
    barcode: str | None
    price: Price | None
    position: int
    created_at: datetime
    version: int


def shown(variant: Variant) -> VariantView:
    """Return what is shown of a variant that was just stored."""
    return VariantView(
        id=variant.id,
        product_id=variant.product_id,
        sku=variant.sku,
        options=dict(variant.options),
        barcode=variant.barcode,
        price=None if variant.price is None else priced(variant.price),
        position=variant.position,
        created_at=variant.created_at,
        version=variant.version,
    )


class VariantQueries(Protocol):
    """Reads variants, whoever asks. `ShowVariants` asks the policy about their product."""

    async def variant(self, product_id: UUID, variant_id: UUID) -> VariantView:
        """Return a variant of a product. Raises NoSuchVariant."""
        ...

    async def variants(self, product_id: UUID, part: Slice) -> Page[VariantView]:
        """Return the variants of a product, in the order of position."""
        ...


@dataclass(frozen=True, slots=True)
class ShowVariants:
    """Shows the variants of products that somebody may read."""

    queries: VariantQueries
    of: OfProducts

    async def one(self, caller: Caller | None, product_id: UUID, variant_id: UUID) -> VariantView:
        """Return a variant. Raises NoSuchProduct, NoSuchVariant."""
        await self.of.readable(caller, product_id)
        return await self.queries.variant(product_id, variant_id)

    async def listed(
        self, caller: Caller | None, product_id: UUID, part: Slice
    ) -> Page[VariantView]:
        """Return the variants of a product. Raises NoSuchProduct."""
        await self.of.readable(caller, product_id)
        return await self.queries.variants(product_id, part)
