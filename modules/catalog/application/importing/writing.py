"""Makes the catalog say what a file says, inside one transaction.

Products go through in chunks, each in three steps: looked up, decided by the rules of the domain,
saved. While one chunk is being saved the next is decided and the one after it is read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from modules.catalog.application.importing.branding import Brands
from modules.catalog.application.importing.deciding import Deciding
from modules.catalog.application.importing.product_rows import ProductRow, product_in
from modules.catalog.application.importing.report import ImportReport, Telling
from modules.catalog.application.importing.rights import Rights
from modules.catalog.application.importing.rows import (
    CategoryRow,
    Reading,
    RowKind,
    RowRefused,
    RowRepeated,
    RowUnreadable,
    kind_of,
)
from modules.catalog.application.importing.sheet import BREATH, Sheet
from modules.catalog.application.importing.shelving import Shelves, parents_first
from modules.catalog.domain.product import Product
from modules.catalog.ports import CatalogUnitOfWork, Pause, SourceRow
from shared_kernel.domain import AccountId, DomainError, Invalid

CHUNK = 1_000


@dataclass(slots=True)
class Chunk:
    """Some rows of products by SKU, and what of it is to be saved.

    `rows_read` counts those that were refused, too.
    """

    rows: dict[str, ProductRow] = field(default_factory=dict[str, ProductRow])
    rows_read: int = 0
    existing: dict[str, Product] = field(default_factory=dict[str, Product])
    new: list[Product] = field(default_factory=list[Product])
    changed: list[Product] = field(default_factory=list[Product])


@dataclass(slots=True, kw_only=True)
class SheetWriter:
    """Writes one file. What the rules refuse is noted in its report."""

    tx: CatalogUnitOfWork
    sheet: Sheet
    reading: Reading
    owner_id: AccountId | None
    rights: Rights
    at: datetime
    telling: Telling
    own: str
    shelves: Shelves = field(init=False)
    deciding: Deciding = field(init=False)
    pause: Pause
    done: int = 0
    under_way: int = 0

    def __post_init__(self) -> None:
        self.shelves = Shelves(self.tx, self.rights, self.report, self.at)
        self.deciding = Deciding(
            tx=self.tx,
            rights=self.rights,
            report=self.report,
            at=self.at,
            owner_id=self.owner_id,
            own=self.own,
            shelves=self.shelves,
            brands=Brands(self.tx, self.rights, self.at),
        )
        self.done = self.sheet.row_count - self.sheet.product_count

    @property
    def report(self) -> ImportReport:
        return self.sheet.report

    async def write(self, rows: Iterable[SourceRow]) -> None:
        """Write the categories of the sheet, then the products among the rows."""
        await self._write_categories()
        await self._tell(0)
        await self._write_products(rows)
        if self._in_chunks:
            await self.tx.bulk.forget()

    @property
    def _in_chunks(self) -> bool:
        return self.sheet.product_count > CHUNK

    async def _write_categories(self) -> None:
        if not self.sheet.categories:
            return
        await self.shelves.hold(self.sheet.external_ids)
        circular: dict[str, CategoryRow] = dict(self.sheet.categories)
        for row in parents_first(self.sheet.categories):
            del circular[row.external_id]
            self.shelves.place(row)
        for row in circular.values():
            self.report.faults.add(row.source, RowRefused("stands below itself"))
        await self.tx.flush()

    async def _write_products(self, rows: Iterable[SourceRow]) -> None:
        decided: Chunk | None = None
        try:
            async for chunk in self._chunks(rows):
                await self._saved()
                await self._look_up(chunk)
                self._save(decided)
                await self._decide(chunk)
                decided = chunk
            await self._saved()
            self._save(decided)
            await self._saved()
        finally:  # also where something else went wrong, nothing may be left under way
            await self.tx.bulk.saved()

    async def _chunks(self, rows: Iterable[SourceRow]) -> AsyncIterator[Chunk]:
        chunk = Chunk()
        for number, row in enumerate(rows, 1):
            if number % BREATH == 0:
                await self.pause()
            if not _is_product(row, self.reading):
                continue
            self._read(chunk, row)
            if chunk.rows_read == CHUNK:
                yield chunk
                chunk = Chunk()
        if chunk.rows_read:
            yield chunk

    def _read(self, chunk: Chunk, row: SourceRow) -> None:
        chunk.rows_read += 1
        try:
            product = product_in(row, self.reading)
            if (first := chunk.rows.get(product.sku)) is not None:
                raise _repeats(first.source.number)
            chunk.rows[product.sku] = product
        except Invalid as error:
            self.report.faults.add(row, error)

    async def _look_up(self, chunk: Chunk) -> None:
        await self._leave_out_repeated(chunk)
        rows = chunk.rows.values()
        await self.shelves.make_room(
            {one.category for one in rows if isinstance(one.category, str)}
        )
        chunk.existing.update(await self.tx.bulk.of_skus([*chunk.rows]))
        await self.deciding.look_up(rows, chunk.existing)

    async def _leave_out_repeated(self, chunk: Chunk) -> None:
        if not self._in_chunks:
            return
        numbers = {sku: row.source.number for sku, row in chunk.rows.items()}
        for sku, first in (await self.tx.bulk.repeated(numbers)).items():
            self.report.faults.add(chunk.rows.pop(sku).source, _repeats(first))

    async def _decide(self, chunk: Chunk) -> None:
        for number, row in enumerate(chunk.rows.values(), 1):
            if number % BREATH == 0:
                await self.pause()
            try:
                self._decide_row(chunk, row)
            except DomainError as error:
                self.report.faults.add(row.source, error)

    def _decide_row(self, chunk: Chunk, row: ProductRow) -> None:
        product = chunk.existing.get(row.sku)
        if product is None:
            chunk.new.append(self.deciding.new(row))
            self.report.products.created += 1
            return
        changed = self.deciding.change(row, product)
        if changed:
            chunk.changed.append(product)
        self.report.products.count_existing(changed=changed)

    def _save(self, chunk: Chunk | None) -> None:
        if chunk is not None:
            self.tx.bulk.save(new=chunk.new, changed=chunk.changed)
            self.under_way = chunk.rows_read

    async def _saved(self) -> None:
        await self.tx.bulk.saved()
        if self.under_way:
            await self._tell(self.under_way)
            self.under_way = 0

    async def _tell(self, rows: int) -> None:
        self.done += rows
        if self.done:
            await self.telling.progress(self.done, self.sheet.row_count)


def _is_product(row: SourceRow, reading: Reading) -> bool:
    """Whether it is one. What is neither was noted on the first way through."""
    try:
        return kind_of(row, reading) is RowKind.PRODUCT
    except RowUnreadable:
        return False


def _repeats(first: int) -> RowRepeated:
    return RowRepeated(f"repeats the sku of row {first}")
