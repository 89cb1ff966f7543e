"""Rows in files: JSON, NDJSON and CSV, each row with the line it starts on.

A file is read as it goes, never as a whole: what is kept of it at a time is one row, and a row
that does not fit into a megabyte is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from modules.catalog.adapters.files.csv_rows import csv_rows
from modules.catalog.adapters.files.json_rows import json_rows
from modules.catalog.adapters.files.line_rows import line_rows
from modules.catalog.adapters.files.reading import opened
from modules.catalog.ports import FileFormat, FileUnreadable, SourceRow

DEMO = Path(__file__).parents[2] / "demo" / "stonemason.ndjson"

READERS = {
    FileFormat.JSON: json_rows,
    FileFormat.NDJSON: line_rows,
    FileFormat.CSV: csv_rows,
}


@dataclass(frozen=True, slots=True)
class FileRows:
    """The rows of one file; each time they are asked for, from the beginning."""

    path: Path
    file_format: FileFormat

    def __iter__(self) -> Iterator[SourceRow]:
        """Yield the rows. Raises FileUnreadable."""
        with opened(self.path) as file:
            yield from READERS[self.file_format](file)


class FilesOnDisk:
    """Reads files of this machine, as UTF-8."""

    def rows(self, path: str, file_format: FileFormat | None) -> Iterable[SourceRow]:
        """Return the rows of a file. Raises FileUnreadable, some of it while they are read."""
        return FileRows(Path(path), file_format or _format_of(Path(path)))

    def demo(self) -> Iterable[SourceRow]:
        """Return the rows of the shop shipped with the module."""
        return self.rows(str(DEMO), FileFormat.NDJSON)


def _format_of(path: Path) -> FileFormat:
    ending = path.suffix.lower().removeprefix(".")
    try:
        return FileFormat("ndjson" if ending == "jsonl" else ending)
    except ValueError:
        known = ", ".join(FileFormat)
        raise FileUnreadable(f"{path}: the name tells no format; name one of {known}") from None
