"""What an import did, row by row where it matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from modules.catalog.ports import SourceRow
from shared_kernel.domain import DomainError

LISTED = 100


@dataclass(slots=True)
class Tally:
    """How many rows of one kind made something new, changed something, or said what is known."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    @property
    def written(self) -> int:
        """How many rows made a difference."""
        return self.created + self.changed

    def count_existing(self, *, changed: bool) -> None:
        """Count a row about something that was there."""
        if changed:
            self.changed += 1
        else:
            self.unchanged += 1


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say about one row of the file. `code` is stable, `pointer` names a member."""

    row: int
    line: int
    message: str
    code: str
    pointer: str | None = None


@dataclass(slots=True)
class Notes:
    """Notes, of which the first 100 are kept and all are counted.

    `fresh` are those since they were last told.
    """

    listed: list[Note] = field(default_factory=list[Note])
    fresh: list[Note] = field(default_factory=list[Note])
    count: int = 0

    def add(self, row: SourceRow, error: DomainError) -> None:
        """Note what was refused of a row."""
        told = f"{error.field.lstrip('/')} {error}" if error.field else str(error)
        self._keep(Note(row.number, row.line, told, error.code, error.field))

    def warn(self, row: SourceRow, message: str, code: str) -> None:
        """Note what somebody should know about a row that was taken."""
        self._keep(Note(row.number, row.line, message, code))

    def in_order(self) -> Sequence[Note]:
        """Return the listed notes in the order of the file."""
        return sorted(self.listed, key=lambda note: note.row)

    def _keep(self, note: Note) -> None:
        self.count += 1
        self.fresh.append(note)
        if self.count <= LISTED:
            self.listed.append(note)


@dataclass(slots=True)
class ImportReport:
    """The result of an import. `written` is false when nothing was to be, or could be, kept."""

    categories: Tally = field(default_factory=Tally)
    products: Tally = field(default_factory=Tally)
    faults: Notes = field(default_factory=Notes)
    warnings: Notes = field(default_factory=Notes)
    written: bool = False


class Watch(Protocol):
    """Is told how an import goes."""

    async def progress(self, done: int, total: int) -> None:
        """Hear how many rows are done, and how many there are. May raise to end the import."""
        ...

    async def noted(self, faults: Sequence[Note], warnings: Sequence[Note]) -> None:
        """Hear what there is to say about rows since the last time."""
        ...


@dataclass(slots=True)
class Telling:
    """Tells a watch what is new in a report."""

    report: ImportReport
    watch: Watch

    async def progress(self, done: int, total: int) -> None:
        """Tell how far it is, and what was noted on the way."""
        await self.notes()
        await self.watch.progress(done, total)

    async def notes(self) -> None:
        """Tell what was noted since the last time."""
        faults, self.report.faults.fresh = self.report.faults.fresh, []
        warnings, self.report.warnings.fresh = self.report.warnings.fresh, []
        if faults or warnings:
            await self.watch.noted(faults, warnings)
