"""Deletes categories, and moves what stands in them elsewhere where that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from modules.catalog.application.attributes.agreeing import agree
from modules.catalog.application.categories.service import locked
from modules.catalog.application.guarding import ProductGuard
from modules.catalog.domain.category import CategoryInUse, Forest, MovedIntoItself, TooManyProducts
from modules.catalog.domain.product import CategoryUnknown
from modules.catalog.ports import CatalogUnitOfWork, Transaction
from modules.catalog.public import PRODUCTS_WRITE, CategoryDeleted, ProductsMoved
from shared_kernel.application import Caller, Clock
from shared_kernel.domain import PermissionDenied

MOST_MOVED = 10_000
TARGET = "?move_products_to"


@dataclass(frozen=True, slots=True)
class DeleteCategory:
    """Deletes a category that no product stands in, and with `cascade` all below it.

    With `move_products_to` what stands in them goes to another category first, in the same
    transaction: whatever its status, and what lies in the trash as well.
    """

    begin: Transaction
    clock: Clock
    guard: ProductGuard

    async def __call__(
        self,
        caller: Caller,
        category_id: UUID,
        *,
        expected: int,
        cascade: bool = False,
        move_products_to: UUID | None = None,
    ) -> None:
        """Raises CategoryInUse, Stale; and where products are moved what `_move` raises."""
        at = self.clock.now()
        async with self.begin() as tx:
            forest, category = await locked(tx, category_id, expected)
            going = forest.subtree(category_id)
            if len(going) > 1 and not cascade:
                raise CategoryInUse("there are categories below it")
            if move_products_to is not None:
                await self._move(caller, tx, forest, going, to=move_products_to, at=at)
            await tx.categories.remove_all(going[1:])
            for id in going[1:]:
                tx.publish(CategoryDeleted(subject_id=id, occurred_at=at))
            category.delete(at=at)
            await tx.categories.remove(category)

    async def _move(
        self,
        caller: Caller,
        tx: CatalogUnitOfWork,
        forest: Forest,
        going: Sequence[UUID],
        *,
        to: UUID,
        at: datetime,
    ) -> None:
        """Move all products of some categories.

        The caller has to be allowed to write each of them, as it is and as it becomes. Raises
        CategoryUnknown, MovedIntoItself, TooManyProducts, ValuesContradict, PermissionDenied.
        """
        if to not in forest:
            raise CategoryUnknown("there is no such category", field=TARGET)
        if to in going:
            raise MovedIntoItself("products cannot go where they come from", field=TARGET)
        # Before the categories, as whoever changes one product does it.
        if await tx.products.hold_all_in(going, limit=MOST_MOVED + 1) > MOST_MOVED:
            raise TooManyProducts(f"more than {MOST_MOVED} products cannot be moved at once")
        await tx.categories.hold_all([*going, to])
        await _agree(tx, going, to)
        open_to = self.guard.open_to
        may = (
            open_to(caller, PRODUCTS_WRITE),
            open_to(caller, PRODUCTS_WRITE, {"resource.category_id": to}),
        )
        moved = await tx.products.move_all_in(going, to=to, at=at, where=may)
        if moved is None:
            raise PermissionDenied(
                f"this needs {PRODUCTS_WRITE.name} of every product that is moved",
                permission=PRODUCTS_WRITE.name,
            )
        tx.publish(ProductsMoved(subject_id=going[0], to=to, products=moved, occurred_at=at))


async def _agree(tx: CatalogUnitOfWork, going: Sequence[UUID], to: UUID) -> None:
    """Make sure that every living product says what the other category lets it. ValuesContradict.

    As with all changes of definitions what is archived is not asked, and what lies in the trash
    when it is restored.
    """
    found = await tx.attributes.effective([*going, to])
    new = found[to]
    taken = {one.code for one in new}
    gone = {one.code for id in going for one in found[id] if one.code not in taken}
    await agree(tx, going, changed=new, gone=sorted(gone))
