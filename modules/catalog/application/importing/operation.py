"""Imports of files that somebody sent: started by a request, done as an operation."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast
from uuid import UUID

from modules.catalog.application.importing.flows import TakeRows, Terms
from modules.catalog.application.importing.report import ImportReport, Note
from modules.catalog.application.importing.rows import Reading, RowKind
from modules.catalog.domain.money import DIGITS, CurrencyUnknown
from modules.catalog.domain.product import Status
from modules.catalog.ports import CatalogFiles, FileFormat, FileUnreadable
from modules.catalog.ports.files import Spool
from shared_kernel.application import Caller
from shared_kernel.application.operations import Operations, RowResult, Run, Severity
from shared_kernel.domain import Invalid

KIND = "catalog.import"


class FileRefused(Invalid):
    """The file is not what it was said to be."""


class RowsRefused(Invalid):
    """Rows were refused, and so nothing was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTerms:
    """How to take in a file that was sent."""

    file_format: FileFormat
    kind: RowKind | None = None
    currency: str = "USD"
    draft: bool = False
    skip_invalid: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class StartImport:
    """Keeps a file that is being sent, and has it taken in. Raises CurrencyUnknown."""

    spool: Spool
    operations: Operations

    async def __call__(
        self, caller: Caller, content: AsyncIterable[bytes], terms: ImportTerms
    ) -> UUID:
        """Return the id of the operation that takes it in."""
        if terms.currency not in DIGITS:
            raise CurrencyUnknown("is no currency code of ISO 4217", field="/currency")
        path = await self.spool.keep(content)
        try:
            return await self.operations.start(caller, KIND, {"path": path, **asdict(terms)})
        except BaseException:
            self.spool.discard(path)
            raise


@dataclass(frozen=True, slots=True)
class ImportSentFile:
    """Takes in a file that was sent, for whoever sent it and by their rights.

    All of it is one transaction: an attempt that was cut short left nothing, and the next one
    begins from the start. One that had just been written finds everything as it should be.
    """

    take: TakeRows
    files: CatalogFiles
    spool: Spool

    async def __call__(self, run: Run, request: Mapping[str, object]) -> Mapping[str, object]:
        path, terms = str(request["path"]), _terms(run.caller, request)
        try:
            rows = self.files.rows(path, FileFormat(str(request["file_format"])))
            report = await self.take(rows, terms, Reporting(run))
        except FileUnreadable as error:
            raise FileRefused(str(error).removeprefix(f"{path}: ")) from error
        if report.faults.count and not (terms.skip_invalid or terms.dry_run):
            raise RowsRefused(f"{report.faults.count} rows were refused, and nothing was kept")
        return _document(report)

    async def over(self, request: Mapping[str, object]) -> None:
        self.spool.discard(str(request["path"]))


@dataclass(frozen=True, slots=True)
class Reporting:
    """Tells an operation how an import goes."""

    run: Run

    async def progress(self, done: int, total: int) -> None:
        self.run.progress(done, total)

    async def noted(self, faults: Sequence[Note], warnings: Sequence[Note]) -> None:
        await self.run.report(
            [
                *(_result(one, Severity.ERROR) for one in faults),
                *(_result(one, Severity.WARNING) for one in warnings),
            ]
        )


def _terms(caller: Caller, request: Mapping[str, object]) -> Terms:
    said = cast("Mapping[str, Any]", request)
    reading = Reading(
        kind=said["kind"] and RowKind(said["kind"]),
        currency=said["currency"],
        status=Status.DRAFT if said["draft"] else Status.PUBLISHED,
    )
    return Terms(
        reading=reading,
        owner_id=caller.id,
        caller=caller,
        skip_invalid=said["skip_invalid"],
        dry_run=said["dry_run"],
    )


def _result(note: Note, severity: Severity) -> RowResult:
    return RowResult(
        row=note.row,
        line=note.line,
        severity=severity,
        code=note.code,
        message=note.message,
        pointer=note.pointer,
    )


def _document(report: ImportReport) -> Mapping[str, object]:
    return {
        "written": report.written,
        "categories": asdict(report.categories),
        "products": asdict(report.products),
        "error_count": report.faults.count,
        "warning_count": report.warnings.count,
    }
