"""CSV: a first line of names, then a row a record, which may span lines."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from modules.catalog.adapters.files.reading import LONGEST, Line, lines_of
from modules.catalog.application.exporting.cells import as_meant
from modules.catalog.ports import SourceRow

MOST_COLUMNS = 1_000
REST_UNREAD = "; nothing after it was read"


class TooLong(csv.Error):
    """A record does not fit into a megabyte."""


class Records:
    """The records of a file, and the line each starts on."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines, self._size = lines, 0
        self._reader = csv.reader(self._bounded(), strict=True)
        self.begins = 1

    def __iter__(self) -> Iterator[Sequence[str]]:
        """Yield every record that has a cell. Raises csv.Error."""
        while True:
            self.begins, self._size = self._reader.line_num + 1, 0
            cells = next(self._reader, None)
            if cells is None:
                return
            if cells:
                yield cells

    def _bounded(self) -> Iterator[str]:
        for line in self._lines:
            self._size += LONGEST + 1 if line.text is None else len(line.text)
            if line.text is None or self._size > LONGEST:
                raise TooLong("is longer than 1 MiB")
            yield line.text


def csv_rows(file: BinaryIO) -> Iterator[SourceRow]:
    """Yield the rows up to the end, or to the first that is no CSV."""
    records, number = Records(lines_of(file)), 0
    try:
        for row in _rows(records):
            number = row.number
            yield row
    except TooLong as error:
        yield SourceRow(number + 1, records.begins, {}, f"{error}{REST_UNREAD}")
    except csv.Error:
        yield SourceRow(number + 1, records.begins, {}, f"is not valid CSV{REST_UNREAD}")


def _rows(records: Records) -> Iterator[SourceRow]:
    found, none = iter(records), list[str]()
    names = next(found, none)
    if len(names) > MOST_COLUMNS:
        fault = f"has more than {MOST_COLUMNS} columns{REST_UNREAD}"
        yield SourceRow(1, 1, {}, fault)
        return
    for number, values in enumerate(found, 1):
        if len(values) == len(names):
            cells = map(as_meant, values)
            yield SourceRow(number, records.begins, dict(zip(names, cells, strict=True)))
        else:
            fault = "has not as many cells as the first line"
            yield SourceRow(number, records.begins, {}, fault)
