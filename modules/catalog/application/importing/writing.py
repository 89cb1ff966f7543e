"""Makes the catalog say what a sheet says, inside one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from modules.catalog.application.importing.rows import ProductRow
from modules.catalog.application.importing.sheet import Sheet, told
from modules.catalog.application.importing.shelving import Shelves, parents_first
from modules.catalog.domain.product import Details, Product, Status
from modules.catalog.ports import CatalogUnitOfWork
from shared_kernel.application import Absent, given
from shared_kernel.domain import AccountId, DomainError

Progress = Callable[[int, int], None]
"""Told how many rows are done, and how many there are."""

CHUNK = 500


@dataclass(slots=True)
class SheetWriter:
    """Writes one sheet. What the rules refuse is noted in its report."""

    tx: CatalogUnitOfWork
    sheet: Sheet
    owner_id: AccountId | None
    at: datetime
    progress: Progress
    done: int = 0

    async def write(self) -> None:
        """Write the categories, then the products that stand in them."""
        shelves = Shelves(
            categories=self.tx.categories,
            known=dict(await self.tx.categories.of_external_ids(self.sheet.external_ids)),
            forest=await self.tx.categories.lock_forest(),
            report=self.sheet.report,
            at=self.at,
        )
        await self._write_categories(shelves)
        await self._write_products(shelves)

    async def _write_categories(self, shelves: Shelves) -> None:
        circular = dict(self.sheet.categories)
        for row in parents_first(self.sheet.categories):
            del circular[row.external_id]
            shelves.place(row)
            await self._advance()
        for row in circular.values():
            self.sheet.report.faults.add(row.source, "stands below itself")

    async def _write_products(self, shelves: Shelves) -> None:
        rows = self.sheet.products.values()
        existing = await self.tx.products.of_skus(self.sheet.products)
        places = [_place(row, shelves) for row in rows]
        await self.tx.flush()  # the categories, before products refer to them
        for row, place in zip(rows, places, strict=True):
            try:
                self._write_product(row, place, existing.get(row.sku))
            except DomainError as error:
                self.sheet.report.faults.add(row.source, told(error))
            await self._advance()

    def _write_product(
        self, row: ProductRow, place: UUID | Absent | None, product: Product | None
    ) -> None:
        tally = self.sheet.report.products
        if product is None:
            self.tx.products.add(self._new(row, given(place, None)))
            tally.created += 1
        else:
            new = _details(row, place, product.details)
            tally.count_existing(changed=product.change(new, at=self.at))

    def _new(self, row: ProductRow, category_id: UUID | None) -> Product:
        details = Details(
            sku=row.sku,
            name=row.name,
            description=given(row.description, ""),
            price=row.price,
            category_id=category_id,
        )
        product = Product.draft(details, owner_id=self.owner_id, at=self.at)
        if row.status is Status.PUBLISHED:
            product.publish(at=self.at)
        return product

    async def _advance(self) -> None:
        self.done += 1
        if self.done % CHUNK == 0 or self.done == self.sheet.row_count:
            await self.tx.flush()
            self.progress(self.done, self.sheet.row_count)


def _place(row: ProductRow, shelves: Shelves) -> UUID | Absent | None:
    return shelves.shelf(row.category) if isinstance(row.category, str) else row.category


def _details(row: ProductRow, place: UUID | Absent | None, old: Details) -> Details:
    return Details(
        sku=row.sku,
        name=row.name,
        description=given(row.description, old.description),
        price=row.price,
        category_id=given(place, old.category_id),
    )
