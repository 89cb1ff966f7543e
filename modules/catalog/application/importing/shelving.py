"""Puts the categories of a sheet in their places, parents first."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from modules.catalog.application.importing.report import ImportReport
from modules.catalog.application.importing.rows import CategoryRow, RowRefused
from modules.catalog.application.importing.sheet import told
from modules.catalog.domain.category import Category, Forest
from modules.catalog.ports import Categories
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
    """The categories there are by external id, and those an import adds."""

    categories: Categories
    known: dict[str, Category]
    forest: Forest
    report: ImportReport
    at: datetime

    def place(self, row: CategoryRow) -> None:
        """Make or change the category of a row, or note why not."""
        try:
            category = self.known.get(row.external_id)
            if category is None:
                self._create(row)
            elif row.implied:
                self.report.categories.unchanged += 1
            else:
                self._change(category, row)
        except DomainError as error:
            self.report.faults.add(row.source, told(error))

    def shelf(self, slug: str) -> UUID:
        """Return the category of a product's row; one that is missing is made of its slug."""
        if slug not in self.known:
            self._add(slug, slug.replace("-", " ").replace("_", " ").capitalize(), under=None)
        return self.known[slug].id

    def _create(self, row: CategoryRow) -> None:
        self._add(
            row.external_id,
            row.name,
            under=self._parent(row, unsaid=None),
            position=given(row.position, 0),
        )

    def _change(self, category: Category, row: CategoryRow) -> None:
        changed = category.change(
            name=row.name,
            under=self._parent(row, unsaid=category.parent_id),
            position=given(row.position, category.position),
            forest=self.forest,
            at=self.at,
        )
        self.report.categories.count_existing(changed=changed)

    def _add(self, external_id: str, name: str, *, under: UUID | None, position: int = 0) -> None:
        category = Category.create(
            name=name,
            under=under,
            position=position,
            external_id=external_id,
            forest=self.forest,
            at=self.at,
        )
        self.categories.add(category)
        self.known[external_id] = category
        self.report.categories.created += 1

    def _parent(self, row: CategoryRow, *, unsaid: UUID | None) -> UUID | None:
        if isinstance(row.parent, Absent):
            return unsaid
        if row.parent is None:
            return None
        if row.parent not in self.known:
            raise RowRefused("is no category, or one that was refused", field="/parent")
        return self.known[row.parent].id
