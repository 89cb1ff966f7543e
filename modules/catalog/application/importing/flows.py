"""Imports: of a file somebody names, and of the example shop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from modules.catalog.application.importing.report import ImportReport
from modules.catalog.application.importing.rows import Reading
from modules.catalog.application.importing.sheet import Sheet, read_sheet
from modules.catalog.application.importing.writing import Progress, SheetWriter
from modules.catalog.ports import CatalogFiles, FileFormat, SourceRow, Transaction
from modules.identity.public import AccountDirectory
from shared_kernel.application import Clock
from shared_kernel.domain import AccountId, Invalid

AS_IT_COMES = Reading()


class OwnerUnknown(Invalid):
    """The address to own the new products is nobody's."""


class NothingKept(Exception):
    """Leaves a unit of work without keeping anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which conditions rows are taken in.

    owner_id      who owns the new products; None: the house
    skip_invalid  keep the valid rows when others are refused, instead of keeping none
    dry_run       find out what would happen, and keep nothing
    """

    reading: Reading = AS_IT_COMES
    owner_id: AccountId | None = None
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


def silent(done: int, total: int) -> None:
    """Tell nobody how far it is."""


@dataclass(frozen=True, slots=True)
class TakeRows:
    """Takes rows into the catalog in one transaction: all of them, or none.

    Categories are known by external id, products by SKU. A row that says what is known already
    changes nothing. An existing product keeps its owner and its status.
    """

    begin: Transaction
    clock: Clock

    async def __call__(
        self, rows: Iterable[SourceRow], terms: Terms, progress: Progress = silent
    ) -> ImportReport:
        sheet = read_sheet(rows, terms.reading)
        try:
            await self._write(sheet, terms, progress)
        except NothingKept:
            return sheet.report
        sheet.report.written = True
        return sheet.report

    async def _write(self, sheet: Sheet, terms: Terms, progress: Progress) -> None:
        async with self.begin() as tx:
            await tx.reserve()
            await SheetWriter(tx, sheet, terms.owner_id, self.clock.now(), progress).write()
            refused = sheet.report.faults.count > 0 and not terms.skip_invalid
            if refused or terms.dry_run:
                raise NothingKept


@dataclass(frozen=True, slots=True)
class ImportCatalog:
    """Takes in a file. Raises FileUnreadable, OwnerUnknown."""

    take: TakeRows
    files: CatalogFiles
    accounts: AccountDirectory

    async def __call__(self, command: ImportFile, progress: Progress = silent) -> ImportReport:
        terms = Terms(
            reading=command.reading,
            owner_id=await self._owner(command.owner),
            skip_invalid=command.skip_invalid,
            dry_run=command.dry_run,
        )
        return await self.take(self.files.rows(command.path, command.file_format), terms, progress)

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
