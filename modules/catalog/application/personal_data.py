"""What the catalog keeps about a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from modules.catalog.application.queries import (
    ProductFilter,
    ProductQueries,
    ProductSort,
    ProductView,
)
from modules.catalog.application.trash import DeletedProductView, TrashQueries
from shared_kernel.application import Page, Slice
from shared_kernel.application.conditions import TRUE
from shared_kernel.application.personal_data import every
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class ProductsOfAccount:
    """The products somebody offers or drafted."""

    queries: ProductQueries
    trash: TrashQueries

    async def of(self, account_id: AccountId) -> Mapping[str, object]:
        """Return them by topic, the newest first."""
        mine = ProductFilter(owner_id=account_id)

        async def read(part: Slice) -> Page[ProductView]:
            return await self.queries.products(mine, ProductSort.NEWEST, part, within=TRUE)

        async def read_trash(part: Slice) -> Page[DeletedProductView]:
            return await self.trash.deleted(part, within=TRUE, owner_id=account_id)

        return {"products": await every(read), "trash": await every(read_trash)}
