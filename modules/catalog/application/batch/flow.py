"""Does a batch in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from modules.catalog.application.batch.asked import (
    ChangeProducts,
    CreateItem,
    Fate,
    Item,
    StepItem,
)
from modules.catalog.application.batch.doing import Batch, Doing
from modules.catalog.application.guarding import ProductGuard
from modules.catalog.application.products import ChangeProduct, DraftProduct
from modules.catalog.domain.product import BrandUnknown, SkuTaken, SlugTaken
from modules.catalog.ports import CatalogUnitOfWork, Taken, Transaction
from shared_kernel.application import Caller, Clock

ATTEMPTS = 3
CLASHES = SkuTaken, SlugTaken, BrandUnknown


class NothingDone(Exception):
    """Leaves a unit of work without keeping anything."""


@dataclass(frozen=True, slots=True)
class ChangeManyProducts:
    """Does a batch in one transaction, in a few statements whatever the number of its items.

    Products are changed outside the session and saved together at the end: an item that is refused
    half-way leaves nothing.
    """

    begin: Transaction
    clock: Clock
    guard: ProductGuard

    async def __call__(self, caller: Caller, command: ChangeProducts) -> Sequence[Fate]:
        """Return the fate of every item.

        What somebody else takes meanwhile refuses the batch when it is saved. It is done anew then,
        and the item that asks for it is refused. Raises SkuTaken, SlugTaken, BrandUnknown where
        that happens time after time.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                return await self._done(caller, command)
            except CLASHES:
                continue
        return await self._done(caller, command)

    async def _done(self, caller: Caller, command: ChangeProducts) -> Sequence[Fate]:
        fates = [Fate() for _ in command.items]
        try:
            async with self.begin() as tx:
                batch = await _read(tx, command.items)
                doing = Doing(batch, caller, self.guard, self.clock.now())
                for item, fate in zip(command.items, fates, strict=True):
                    doing.one(item, fate)
                _must_do_all(command, fates)
                await _save(tx, batch)
        except NothingDone:
            return [Fate(error=fate.error) for fate in fates]
        return fates


def _must_do_all(command: ChangeProducts, fates: Sequence[Fate]) -> None:
    if command.all_or_nothing and any(fate.error for fate in fates):
        raise NothingDone


async def _read(tx: CatalogUnitOfWork, items: Sequence[Item]) -> Batch:
    """Read and lock what the items are about, all at once."""
    ids = [item.id for item in items if not isinstance(item, CreateItem)]
    products = await tx.bulk.of_ids(ids)
    said = [
        item.product if isinstance(item, CreateItem) else item.changes
        for item in items
        if not isinstance(item, StepItem)
    ]
    named = {one.category_id for one in said} | {one.category_id for one in products.values()}
    held = await tx.categories.keep_all([one for one in named if isinstance(one, UUID)])
    return Batch(
        products=products,
        definitions=await tx.attributes.effective(held) if held else {},
        taken=await _taken(tx, said),
    )


async def _taken(tx: CatalogUnitOfWork, said: Sequence[DraftProduct | ChangeProduct]) -> Taken:
    """Return which of the SKUs, slugs and brands that are asked for there are."""
    if not said:
        return Taken(set(), set(), set())
    return await tx.claims.taken(
        skus=[one.sku for one in said if isinstance(one.sku, str)],
        slugs=[one.slug for one in said if isinstance(one.slug, str)],
        brand_ids={one.brand_id for one in said if isinstance(one.brand_id, UUID)},
    )


async def _save(tx: CatalogUnitOfWork, batch: Batch) -> None:
    tx.bulk.save(new=batch.new, changed=batch.changed, one_by_one=True)
    await tx.bulk.saved()
