"""Variants in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from modules.catalog.domain.product import Product
from modules.catalog.domain.variants import (
    NoSuchVariant,
    OptionsTaken,
    Variant,
    VariantDetails,
    VariantSkuTaken,
)
from tests.kit.catalog_rows import FakeRows


class FakeVariants(FakeRows[Variant]):
    async def count_of(self, product_id: UUID) -> int:
        return sum(one.product_id == product_id for one in self.rows.values())

    async def of(self, product_id: UUID, id: UUID) -> Variant:
        found = self.rows.get(id)
        if found is None or found.product_id != product_id:
            raise NoSuchVariant("there is no such variant")
        return found

    def check(self, products: Mapping[UUID, Product]) -> None:
        """Refuse what the database would refuse; what belongs to a product goes with it."""
        self.rows = {id: one for id, one in self.rows.items() if one.product_id in products}
        kept = self.rows.values()
        living = [one.sku for one in kept if products[one.product_id].deleted_at is None]
        if len({*living}) < len(living):
            raise VariantSkuTaken("another variant has this SKU", field="/sku")
        if len({(one.product_id, *one.options.items()) for one in kept}) < len(kept):
            raise OptionsTaken("another variant has these options", field="/options")


def variant_details(**changes: Any) -> VariantDetails:
    """Return what may be said about a variant."""
    said: dict[str, Any] = {
        "sku": f"SKU-{uuid4().hex[:12]}",
        "options": {},
        "barcode": None,
        "price": None,
        "position": 0,
    }
    return VariantDetails(**said | changes)
