"""What an import did, row by row where it matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from modules.catalog.ports import SourceRow

LISTED = 100


@dataclass(slots=True)
class Tally:
    """How many rows of one kind made something new, changed something, or said what is known."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0

    def count_existing(self, *, changed: bool) -> None:
        """Count a row about something that was there."""
        if changed:
            self.changed += 1
        else:
            self.unchanged += 1


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say about one row of the file."""

    row: int
    line: int
    message: str


@dataclass(slots=True)
class Notes:
    """Notes, of which the first 100 are kept and all are counted."""

    listed: list[Note] = field(default_factory=list[Note])
    count: int = 0

    def add(self, row: SourceRow, message: str) -> None:
        self.count += 1
        if self.count <= LISTED:
            self.listed.append(Note(row.number, row.line, message))

    def in_order(self) -> Sequence[Note]:
        """Return the listed notes in the order of the file."""
        return sorted(self.listed, key=lambda note: note.row)


@dataclass(slots=True)
class ImportReport:
    """The result of an import. `written` is false when nothing was to be, or could be, kept."""

    categories: Tally = field(default_factory=Tally)
    products: Tally = field(default_factory=Tally)
    faults: Notes = field(default_factory=Notes)
    warnings: Notes = field(default_factory=Notes)
    written: bool = False
