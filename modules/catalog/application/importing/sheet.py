"""A file, read: its valid rows in order, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from modules.catalog.application.importing.report import ImportReport
from modules.catalog.application.importing.rows import (
    CategoryRow,
    ProductRow,
    Reading,
    RowKind,
    RowRefused,
    categories_in,
    kind_of,
    product_in,
)
from modules.catalog.ports import SourceRow
from shared_kernel.domain import DomainError, Invalid


@dataclass(slots=True)
class Sheet:
    """The rows by what they are known by, in the order of the file."""

    report: ImportReport
    categories: dict[str, CategoryRow] = field(default_factory=dict[str, CategoryRow])
    products: dict[str, ProductRow] = field(default_factory=dict[str, ProductRow])

    @property
    def row_count(self) -> int:
        return len(self.categories) + len(self.products)

    @property
    def external_ids(self) -> set[str]:
        """Every category spoken of."""
        spoken = {one for row in self.categories.values() for one in (row.external_id, row.parent)}
        spoken |= {row.category for row in self.products.values()}
        return {one for one in spoken if isinstance(one, str)}


def read_sheet(rows: Iterable[SourceRow], reading: Reading) -> Sheet:
    """Read every row. What cannot be taken is noted in the sheet's report."""
    sheet = Sheet(ImportReport())
    for row in rows:
        try:
            _take(sheet, row, reading)
        except Invalid as error:
            sheet.report.faults.add(row, told(error))
    return sheet


def told(error: DomainError) -> str:
    """Return what is wrong, after the member it is wrong with."""
    return f"{error.field.lstrip('/')} {error}" if error.field else str(error)


def _take(sheet: Sheet, row: SourceRow, reading: Reading) -> None:
    if row.fault is not None:
        raise RowRefused(row.fault)
    if (reading.kind or kind_of(row.members)) is RowKind.PRODUCT:
        product = product_in(row, reading)
        _must_be_first(sheet.products.get(product.sku), "sku")
        sheet.products[product.sku] = product
        return
    *ancestors, own = categories_in(row)
    known = sheet.categories.get(own.external_id)
    _must_be_first(None if known is None or known.implied else known, "id")
    for ancestor in ancestors:
        sheet.categories.setdefault(ancestor.external_id, ancestor)
    sheet.categories[own.external_id] = own
    if row.members.get("name") is None:
        sheet.report.warnings.add(row, f"has no name; it is called {own.external_id}")


def _must_be_first(other: CategoryRow | ProductRow | None, member: str) -> None:
    if other is not None:
        raise RowRefused(f"repeats the {member} of row {other.source.number}")
