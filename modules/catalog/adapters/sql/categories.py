"""Categories inside one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, select, text, update

from modules.catalog.adapters.sql.tables import categories, products
from modules.catalog.domain.category import Category, Forest, NoSuchCategory
from modules.catalog.domain.product import CategoryUnknown
from modules.catalog.domain.siblings import Sibling
from shared_kernel.adapters.sql import SqlRepository

TREE = 5_731_890_021_344_001  # any number: the key of the advisory lock on the tree

ARRANGE = text("""
    update catalog.categories as c set position = new.position, version = c.version + 1
    from unnest(cast(:ids as uuid[]), cast(:positions as integer[])) as new (id, position)
    where c.id = new.id
""")


class SqlCategories(SqlRepository[Category]):
    """Categories. An advisory lock keeps two changes of the tree from making a circle together."""

    aggregate = Category
    missing = NoSuchCategory

    async def hold(self, id: UUID) -> None:
        # The lock a foreign key takes: it hinders deletion and nothing else.
        held = select(categories.c.id).where(categories.c.id == id)
        locked = held.with_for_update(read=True, key_share=True)
        if await self._session.scalar(locked) is None:
            raise CategoryUnknown("there is no such category", field="/category_id")

    async def keep_all(self, ids: Collection[UUID]) -> Collection[UUID]:
        kept = select(categories.c.id).where(categories.c.id == func.any([*ids]))
        ordered = kept.order_by(categories.c.id)
        found = await self._session.scalars(ordered.with_for_update(read=True, key_share=True))
        return set(found)

    async def lock_forest(self) -> Forest:
        await self._session.execute(select(func.pg_advisory_xact_lock(TREE)))
        c = categories.c
        rows = [*await self._session.execute(select(c.id, c.parent_id, c.slug))]
        return Forest({row.id: row.parent_id for row in rows}, (row.slug for row in rows))

    async def hold_all(self, ids: Collection[UUID]) -> None:
        held = select(categories.c.id).where(categories.c.id == func.any([*ids]))
        await self._session.execute(held.order_by(categories.c.id).with_for_update())

    async def children(self, parent_id: UUID | None) -> Sequence[Sibling]:
        c = categories.c
        below = select(c.id, c.position).where(c.parent_id.is_not_distinct_from(parent_id))
        rows = await self._session.execute(below.order_by(c.position, c.name, c.id))
        return [Sibling(row.id, row.position) for row in rows]

    async def arrange(self, positions: Mapping[UUID, int]) -> None:
        if positions:
            values = {"ids": [*positions], "positions": [*positions.values()]}
            await self._session.execute(ARRANGE, values)

    async def remove(self, aggregate: Category) -> None:
        await self._leave_to_trash([aggregate.id])
        await super().remove(aggregate)

    async def remove_all(self, ids: Collection[UUID]) -> None:
        if ids:
            await self._leave_to_trash(ids)
            gone = delete(categories).where(categories.c.id == func.any([*ids]))
            await self._session.execute(gone.execution_options(synchronize_session=False))

    async def _leave_to_trash(self, ids: Collection[UUID]) -> None:
        """Let what lies in the trash keep nothing: it is restored without a category."""
        p = products.c
        of_them = p.category_id == func.any([*ids]), p.deleted_at.is_not(None)
        forgotten = update(products).where(*of_them).values(category_id=None, attributes={})
        await self._session.execute(forgotten.execution_options(synchronize_session=False))

    async def of_external_ids(self, external_ids: Iterable[str]) -> Mapping[str, Category]:
        found = await self._kept(categories.c.external_id == func.any([*external_ids]))
        return {str(category.external_id): category for category in found}

    async def of_slugs(self, slugs: Iterable[str]) -> Mapping[str, Category]:
        c = categories.c
        found = await self._kept(and_(c.slug == func.any([*slugs]), c.external_id.is_(None)))
        return {category.slug: category for category in found}

    async def _kept(self, which: ColumnElement[bool]) -> Sequence[Category]:
        # As in `hold`: products that are about to refer to them find them there.
        wanted = select(Category).where(which).with_for_update(read=True, key_share=True)
        return self._tracked(await self._session.scalars(wanted))
