"""The trash: what was deleted, for as long as it can be had back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from modules.catalog.application.attributes.checking import agreed
from modules.catalog.application.guarding import ProductGuard
from modules.catalog.domain.product import Status
from modules.catalog.ports import Transaction
from modules.catalog.public import PRODUCTS_WRITE
from shared_kernel.application import Caller, Clock, Page, Slice
from shared_kernel.application.conditions import Condition
from shared_kernel.domain import AccountId

BATCH = 200


@dataclass(frozen=True, slots=True)
class DeletedProductView:
    """A product in the trash. Restored, it has the status it had."""

    id: UUID
    sku: str
    slug: str
    name: str
    category_id: UUID | None
    owner_id: UUID | None
    status: Status
    created_at: datetime
    deleted_at: datetime
    version: int


class TrashQueries(Protocol):
    """Reads what lies in the trash, whoever asks."""

    async def deleted(
        self, part: Slice, *, within: Condition, owner_id: AccountId | None = None
    ) -> Page[DeletedProductView]:
        """Return what was deleted, the last first; of one owner, where one is named."""
        ...


@dataclass(frozen=True, slots=True)
class TrashService:
    """Shows the trash to those who may write what lies in it, and gives it back."""

    begin: Transaction
    clock: Clock
    guard: ProductGuard
    queries: TrashQueries

    async def listed(self, caller: Caller, part: Slice) -> Page[DeletedProductView]:
        """Return what the caller could restore."""
        return await self.queries.deleted(part, within=self.guard.open_to(caller, PRODUCTS_WRITE))

    async def restore(self, caller: Caller, product_id: UUID) -> None:
        """Take a product out of the trash.

        Raises NotDeleted, SkuTaken, SlugTaken, ValuesContradict.
        """
        async with self.begin() as tx:
            product = await tx.products.get_locked(product_id, even_deleted=True)
            self.guard.require(caller, PRODUCTS_WRITE, product)
            product.restore(at=self.clock.now())
            await agreed(tx, product)


@dataclass(frozen=True, slots=True)
class EmptyTrash:
    """Takes away for good what has lain in the trash for long.

    Each batch is a transaction of its own; any number of processes may do it at once.
    """

    begin: Transaction
    clock: Clock
    keeps: timedelta

    async def __call__(self, keeps: timedelta | None = None) -> Mapping[str, int]:
        """Return how many products are gone; `keeps` says how long others are kept."""
        before = self.clock.now() - (self.keeps if keeps is None else keeps)
        gone = 0
        while found := await self._purge_some(before):
            gone += found
        return {"products": gone}

    async def _purge_some(self, before: datetime) -> int:
        async with self.begin() as tx:
            found = await tx.products.deleted_before(before, limit=BATCH)
            for product in found:
                product.purge(at=self.clock.now())
                await tx.products.remove(product)
        return len(found)
