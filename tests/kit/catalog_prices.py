"""Price lists in memory."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from itertools import combinations
from uuid import UUID

from modules.catalog.domain.prices import ListedPrice, NoSuchPrice, PricesOverlap
from tests.kit.catalog_rows import FakeRows


class FakePrices(FakeRows[ListedPrice]):
    async def living_of(self, product_id: UUID, *, at: datetime) -> int:
        mine = [one for one in self.rows.values() if one.product_id == product_id]
        return sum(one.ends_at is None or one.ends_at > at for one in mine)

    async def of(self, product_id: UUID, id: UUID) -> ListedPrice:
        found = self.rows.get(id)
        if found is None or found.product_id != product_id:
            raise NoSuchPrice("there is no such price")
        return found

    def check(self, products: Container[UUID], variants: Container[UUID]) -> None:
        """Refuse what the database would refuse; what belongs to something goes with it."""
        self.rows = {
            id: one
            for id, one in self.rows.items()
            if one.product_id in products and (one.variant_id is None or one.variant_id in variants)
        }
        for one, other in combinations(self.rows.values(), 2):
            if _what(one) == _what(other) and _meet(one, other):
                raise PricesOverlap("another price is in force", field="/starts_at")


def _what(one: ListedPrice) -> tuple[UUID, str]:
    return one.variant_id or one.product_id, one.price.currency


def _meet(one: ListedPrice, other: ListedPrice) -> bool:
    first, second = sorted((one, other), key=lambda each: each.starts_at)
    return first.ends_at is None or second.starts_at < first.ends_at
