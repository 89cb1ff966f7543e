"""The first way through a file: its categories, how many rows it has, and which are neither.

Products are only counted here, however many there are; the second way through takes them in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from modules.catalog.application.importing.report import ImportReport
from modules.catalog.application.importing.rows import (
    CategoryRow,
    Reading,
    RowKind,
    RowRepeated,
    categories_in,
    kind_of,
)
from modules.catalog.ports import Pause, SourceRow
from shared_kernel.domain import Invalid

MOST_CATEGORIES = 50_000

BREATH = 100
"""After so many rows others get a turn: some milliseconds of work."""


class TooManyCategories(Invalid):
    """A file names more categories than can be held in memory."""


@dataclass(slots=True)
class Sheet:
    """What the first way through found: the categories by their ids, in the order of the file."""

    report: ImportReport
    categories: dict[str, CategoryRow] = field(default_factory=dict[str, CategoryRow])
    row_count: int = 0
    product_count: int = 0

    @property
    def external_ids(self) -> set[str]:
        """Every category that a category's row speaks of."""
        spoken = {one for row in self.categories.values() for one in (row.external_id, row.parent)}
        return {one for one in spoken if isinstance(one, str)}


async def read_sheet(rows: Iterable[SourceRow], reading: Reading, pause: Pause) -> Sheet:
    """Read every row. What cannot be taken is noted in the sheet's report."""
    sheet = Sheet(ImportReport())
    for row in rows:
        sheet.row_count += 1
        try:
            _take(sheet, row, reading)
        except Invalid as error:
            sheet.report.faults.add(row, error)
        must_hold(len(sheet.categories))
        if sheet.row_count % BREATH == 0:
            await pause()
    return sheet


def must_hold(count: int) -> None:
    """Raise TooManyCategories for more than an import can hold."""
    if count > MOST_CATEGORIES:
        raise TooManyCategories(f"more than {MOST_CATEGORIES} categories in one file")


def _take(sheet: Sheet, row: SourceRow, reading: Reading) -> None:
    if kind_of(row, reading) is RowKind.PRODUCT:
        sheet.product_count += 1
        return
    *ancestors, own = categories_in(row)
    known = sheet.categories.get(own.external_id)
    if known is not None and not known.implied:
        raise RowRepeated(f"repeats the id of row {known.source.number}")
    for ancestor in ancestors:
        sheet.categories.setdefault(ancestor.external_id, ancestor)
    sheet.categories[own.external_id] = own
    if row.members.get("name") is None:
        told = f"has no name; it is called {own.external_id}"
        sheet.report.warnings.warn(row, told, "catalog.category_without_name")
