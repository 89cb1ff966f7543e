"""Puts the categories of a file in their places, parents first."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from modules.catalog.application.importing.report import ImportReport
from modules.catalog.application.importing.rights import Rights
from modules.catalog.application.importing.rows import CategoryRow, RowRefused
from modules.catalog.application.importing.sheet import must_hold
from modules.catalog.domain.attributes import AttributesInTheWay
from modules.catalog.domain.category import Category, Forest
from modules.catalog.domain.text import CODE_LENGTH
from modules.catalog.ports import CatalogUnitOfWork
from shared_kernel.application import Absent, given
from shared_kernel.domain import DomainError


def parents_first(rows: Mapping[str, CategoryRow]) -> Iterator[CategoryRow]:
    """Yield every row after that of its parent, if there is one; rows in a circle never come."""
    below: defaultdict[object, list[CategoryRow]] = defaultdict(list)
    for row in rows.values():
        below[row.parent if row.parent in rows else None].append(row)
    waiting = deque(below[None])
    while waiting:
        row = waiting.popleft()
        yield row
        waiting.extend(below[row.external_id])


@dataclass(slots=True)
class Shelves:
    """The categories there are by external id, and those an import adds.

    The tree is held, and kept from others, only once there is something to change about it.
    """

    tx: CatalogUnitOfWork
    rights: Rights
    report: ImportReport
    at: datetime
    known: dict[str, Category] = field(default_factory=dict[str, Category])
    held: Forest | None = None
    attributed: Collection[UUID] = ()

    async def hold(self, external_ids: Iterable[str]) -> None:
        """Hold the tree, and know those of the categories that exist."""
        if self.held is None:
            self.held = await self.tx.categories.lock_forest()
            self.attributed = await self.tx.attributes.homes()
        await self._look_up(external_ids)

    async def make_room(self, external_ids: Iterable[str]) -> None:
        """Know these categories, by their slugs if they have no id; make what is missing.

        It is made of the id, where that is allowed, and sent, so that products can refer to it.
        """
        await self._look_up(external_ids)
        unknown = [one for one in external_ids if one not in self.known]
        if unknown:
            self.known.update(await self.tx.categories.of_slugs(unknown))
        missing = [one for one in unknown if one not in self.known and len(one) <= CODE_LENGTH]
        if not (missing and self.rights.shelve):
            return
        await self.hold(missing)
        for external_id in missing:
            if external_id not in self.known:
                name = external_id.replace("-", " ").replace("_", " ").capitalize()
                self._add(external_id, name, under=None)
        await self.tx.flush()

    def place(self, row: CategoryRow) -> None:
        """Make or change the category of a row, or note why not."""
        try:
            self.rights.may_shelve()
            category = self.known.get(row.external_id)
            if category is None:
                self._create(row)
            elif row.implied:
                self.report.categories.unchanged += 1
            else:
                self._change(category, row)
        except DomainError as error:
            self.report.faults.add(row.source, error)

    def shelf(self, external_id: str) -> UUID:
        """Return the category of a product's row. Raises a refusal where there is none."""
        if external_id not in self.known:
            self.rights.may_shelve()
            raise RowRefused("is no category, and too long for an id", field="/category")
        return self.known[external_id].id

    async def _look_up(self, external_ids: Iterable[str]) -> None:
        unknown = {one for one in external_ids if one not in self.known}
        if unknown:
            self.known.update(await self.tx.categories.of_external_ids(unknown))
            must_hold(len(self.known))

    @property
    def _forest(self) -> Forest:
        if self.held is None:
            raise LookupError("the tree is not held")
        return self.held

    def _create(self, row: CategoryRow) -> None:
        self._add(
            row.external_id,
            row.name,
            under=self._parent(row, unsaid=None),
            position=given(row.position, 0),
        )

    def _change(self, category: Category, row: CategoryRow) -> None:
        under = self._parent(row, unsaid=category.parent_id)
        if under != category.parent_id:
            self._must_be_free_to_move(category, under)
        changed = category.change(
            name=row.name,
            under=under,
            position=given(row.position, category.position),
            forest=self._forest,
            at=self.at,
        )
        self.report.categories.count_existing(changed=changed)

    def _must_be_free_to_move(self, category: Category, under: UUID | None) -> None:
        """Refuse what would change the attributes of products, which nobody looks at here."""
        forest = self._forest
        above = (*forest.lineage(category.parent_id), *forest.lineage(under))
        if not {*above, *forest.subtree(category.id)}.isdisjoint(self.attributed):
            raise AttributesInTheWay("attributes are defined above or below; move it by itself")

    def _add(self, external_id: str, name: str, *, under: UUID | None, position: int = 0) -> None:
        category = Category.create(
            name=name,
            under=under,
            position=position,
            external_id=external_id,
            forest=self._forest,
            at=self.at,
        )
        self.tx.categories.add(category)
        self.known[external_id] = category
        must_hold(len(self.known))
        self.report.categories.created += 1

    def _parent(self, row: CategoryRow, *, unsaid: UUID | None) -> UUID | None:
        if isinstance(row.parent, Absent):
            return unsaid
        if row.parent is None:
            return None
        if row.parent not in self.known:
            raise RowRefused("is no category, or one that was refused", field="/parent")
        return self.known[row.parent].id
