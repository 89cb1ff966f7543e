"""`app catalog`: filling the catalog from files."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console as Terminal
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from modules.catalog.application.importing.flows import (
    UNWATCHED,
    ImportCatalog,
    ImportFile,
    Unwatched,
)
from modules.catalog.application.importing.report import ImportReport, Notes, Tally, Watch
from modules.catalog.application.importing.rows import Reading, RowKind
from modules.catalog.application.trash import EmptyTrash
from modules.catalog.domain.product import Status
from modules.catalog.ports import FileFormat, FileUnreadable
from shared_kernel.adapters.cli import Console, Exit, Json, JsonFlag, QuietFlag, Runtime
from shared_kernel.domain import DomainError, Invalid
from shared_kernel.module import Services

catalog = typer.Typer(help="The catalog.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="JSON, NDJSON or CSV, in UTF-8.")]
Format = Annotated[
    FileFormat | None,
    typer.Option("--format", help="The format, if the file's name does not tell."),
]
Kind = Annotated[
    RowKind | None, typer.Option(help="What the rows are, if their members do not tell.")
]
Currency = Annotated[str, typer.Option(help="The currency of prices that name none.")]
Owner = Annotated[
    str | None,
    typer.Option(metavar="EMAIL", help="Who owns the new products; the house, if nobody is named."),
]
Draft = Annotated[bool, typer.Option("--draft", help="Do not publish the new products.")]
SkipInvalid = Annotated[
    bool, typer.Option("--skip-invalid", help="Keep the valid rows when others are refused.")
]
KeepDays = Annotated[
    int | None,
    typer.Option(
        min=0, help="Keep what was deleted within so many days; CATALOG_TRASH_DAYS by default."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; change nothing.")]


@catalog.callback()
def group() -> None:
    """The catalog."""


@catalog.command("import")
def import_(
    context: typer.Context,
    file: File,
    *,
    file_format: Format = None,
    kind: Kind = None,
    currency: Currency = "USD",
    owner: Owner = None,
    draft: Draft = False,
    skip_invalid: SkipInvalid = False,
    dry_run: DryRun = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Take categories and products in from a file: all of it, or nothing.

    Categories are known by their external id, products by their SKU. What is there and differs is
    changed; what is the same stays untouched. Exit code 1 when a row is refused and nothing kept.
    """
    reading = Reading(
        kind=kind, currency=currency, status=Status.DRAFT if draft else Status.PUBLISHED
    )
    command = ImportFile(
        path=str(file),
        file_format=file_format,
        reading=reading,
        owner=owner,
        skip_invalid=skip_invalid,
        dry_run=dry_run,
    )
    console = Console(json=json, quiet=quiet)
    report = _imported(console, context.obj, command)
    console.show(_told(report, dry_run=dry_run), _document(report))
    if report.faults.count and not skip_invalid:
        raise typer.Exit(Exit.CHECK_FAILED)


@catalog.command("empty-trash")
def empty_trash(
    context: typer.Context,
    *,
    keep_days: KeepDays = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Take away for good what has lain in the trash for long."""

    async def work(services: Services) -> int:
        keeps = None if keep_days is None else timedelta(days=keep_days)
        return (await services.get(EmptyTrash)(keeps))["products"]

    gone = context.obj.run(work)
    word = "product is" if gone == 1 else "products are"
    Console(json=json, quiet=quiet).show(f"{gone} {word} gone for good.", {"products": gone})


def _imported(console: Console, runtime: Runtime, command: ImportFile) -> ImportReport:
    async def work(services: Services) -> ImportReport:
        with _bar(shown=not (console.quiet or console.json)) as watch:
            return await services.get(ImportCatalog)(command, watch)

    try:
        return runtime.run(work)
    except (FileUnreadable, Invalid) as error:
        console.fail(str(error), Exit.USAGE)
    except DomainError as error:
        console.fail(f"nothing was kept: {error}", Exit.CHECK_FAILED)


@dataclass(frozen=True, slots=True)
class Bar(Unwatched):
    """Shows how far an import is."""

    shown: Progress
    task: TaskID

    async def progress(self, done: int, total: int) -> None:
        self.shown.update(self.task, completed=done, total=total)


@contextmanager
def _bar(*, shown: bool) -> Generator[Watch]:
    """Show how far the import is, where somebody can see it."""
    if not (shown and sys.stderr.isatty()):
        yield UNWATCHED
        return
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Terminal(stderr=True), transient=True) as bar:
        yield Bar(bar, bar.add_task("rows", total=None))


def _told(report: ImportReport, *, dry_run: bool) -> str:
    lines = [f"{note}" for note in _lines(report.warnings, "warning")]
    lines += _lines(report.faults, "error")
    lines += [_tally("categories", report.categories), _tally("products", report.products)]
    if not report.written:
        lines.append("Nothing was kept: this was a dry run." if dry_run else "Nothing was kept.")
    return "\n".join(lines)


def _lines(notes: Notes, word: str) -> list[str]:
    lines = [f"{word}: row {n.row}, line {n.line}: {n.message}" for n in notes.in_order()]
    left_out = notes.count - len(lines)
    return [*lines, f"... and {left_out} more"] if left_out else lines


def _tally(name: str, tally: Tally) -> str:
    return f"{name}: {tally.created} new, {tally.changed} changed, {tally.unchanged} unchanged"


def _document(report: ImportReport) -> Json:
    return {
        "written": report.written,
        "categories": asdict(report.categories),
        "products": asdict(report.products),
        "errors": [asdict(note) for note in report.faults.in_order()],
        "error_count": report.faults.count,
        "warnings": [asdict(note) for note in report.warnings.in_order()],
        "warning_count": report.warnings.count,
    }
