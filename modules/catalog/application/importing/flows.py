"""Imports: of a file somebody names, and of the example shop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modules.catalog.application.guarding import ProductGuard
from modules.catalog.application.importing.report import ImportReport, Note, Telling, Watch
from modules.catalog.application.importing.rights import Rights
from modules.catalog.application.importing.rows import Reading
from modules.catalog.application.importing.sheet import Sheet, read_sheet
from modules.catalog.application.importing.writing import SheetWriter
from modules.catalog.ports import (
    CatalogFiles,
    CatalogUnitOfWork,
    FileFormat,
    Pause,
    SourceRow,
    Transaction,
)
from modules.catalog.public import ProductsImported
from modules.identity.public import AccountDirectory
from shared_kernel.application import Caller, Clock
from shared_kernel.domain import AccountId, Invalid, new_id

AS_IT_COMES = Reading()


class OwnerUnknown(Invalid):
    """The address to own the new products is nobody's."""


class NothingKept(Exception):
    """Leaves a unit of work without keeping anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which conditions rows are taken in.

    owner_id      who owns the new products; None: the house
    caller        whose rights count; None: everything is allowed
    skip_invalid  keep the valid rows when others are refused, instead of keeping none
    dry_run       find out what would happen, and keep nothing
    """

    reading: Reading = AS_IT_COMES
    owner_id: AccountId | None = None
    caller: Caller | None = None
    skip_invalid: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile:
    """A file to take in. New products belong to the account `owner` (an e-mail address)."""

    path: str
    file_format: FileFormat | None = None
    reading: Reading = AS_IT_COMES
    owner: str | None = None
    skip_invalid: bool = False
    dry_run: bool = False


class Unwatched:
    """Nobody wants to know how far it is."""

    async def progress(self, done: int, total: int) -> None:
        """Tell nobody."""

    async def noted(self, faults: Sequence[Note], warnings: Sequence[Note]) -> None:
        """Tell nobody; the report has the first of them."""


UNWATCHED: Watch = Unwatched()


@dataclass(frozen=True, slots=True)
class TakeRows:
    """Takes rows into the catalog in one transaction: all of them, or none.

    Categories are known by external id, products by SKU. A row that says what is known already
    changes nothing. An existing product keeps its owner and its status. `own` is the language that
    products are written in before they are translated. The rows are gone through
    twice, and never held: what an import needs does not grow with the number of its products.
    """

    begin: Transaction
    clock: Clock
    guard: ProductGuard
    pause: Pause
    own: str

    async def __call__(
        self, rows: Iterable[SourceRow], terms: Terms, watch: Watch = UNWATCHED
    ) -> ImportReport:
        sheet = await read_sheet(rows, terms.reading, self.pause)
        telling = Telling(sheet.report, watch)
        try:
            await self._write(sheet, rows, terms, telling)
            sheet.report.written = True
        except NothingKept:
            pass
        finally:
            await telling.notes()
        return sheet.report

    async def _write(
        self, sheet: Sheet, rows: Iterable[SourceRow], terms: Terms, telling: Telling
    ) -> None:
        async with self.begin() as tx:
            await tx.reserve()
            writer = SheetWriter(
                tx=tx,
                sheet=sheet,
                reading=terms.reading,
                owner_id=terms.owner_id,
                rights=Rights(self.guard, terms.caller),
                at=self.clock.now(),
                telling=telling,
                pause=self.pause,
                own=self.own,
            )
            await writer.write(rows)
            if (sheet.report.faults.count and not terms.skip_invalid) or terms.dry_run:
                raise NothingKept
            _announce(tx, sheet.report, writer)


def _announce(tx: CatalogUnitOfWork, report: ImportReport, writer: SheetWriter) -> None:
    """Tell of the products as of one thing that happened: nobody reads a million lines."""
    products = report.products
    if products.written:
        tx.publish(
            ProductsImported(
                subject_id=new_id(),
                created=products.created,
                changed=products.changed,
                owner_id=writer.owner_id,
                occurred_at=writer.at,
            )
        )


@dataclass(frozen=True, slots=True)
class ImportCatalog:
    """Takes in a file. Raises FileUnreadable, OwnerUnknown."""

    take: TakeRows
    files: CatalogFiles
    accounts: AccountDirectory

    async def __call__(self, command: ImportFile, watch: Watch = UNWATCHED) -> ImportReport:
        terms = Terms(
            reading=command.reading,
            owner_id=await self._owner(command.owner),
            skip_invalid=command.skip_invalid,
            dry_run=command.dry_run,
        )
        return await self.take(self.files.rows(command.path, command.file_format), terms, watch)

    async def _owner(self, email: str | None) -> AccountId | None:
        if email is None:
            return None
        account = await self.accounts.find(email)
        if account is None:
            raise OwnerUnknown("there is no account of this address")
        return account.id


@dataclass(frozen=True, slots=True)
class SeedDemo:
    """Fills the shelves of an example shop, once."""

    take: TakeRows
    files: CatalogFiles

    async def __call__(self) -> str:
        """Return a line that says what was made."""
        report = await self.take(self.files.demo(), Terms())
        made = (report.categories.created, report.products.created)
        if not any(made):
            return "The example shop is there already."
        return f"An example shop: {made[0]} categories, {made[1]} products."
