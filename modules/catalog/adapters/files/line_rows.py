"""NDJSON: an object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from modules.catalog.adapters.files.reading import DECODER, TOO_LONG, lines_of, object_row
from modules.catalog.ports import SourceRow


def line_rows(file: BinaryIO) -> Iterator[SourceRow]:
    """Yield a row for every line that is not empty; a broken one does not hide the next."""
    number = 0
    for line in lines_of(file):
        if line.text is None:
            number += 1
            yield SourceRow(number, line.number, {}, TOO_LONG)
        elif content := line.text.strip():
            number += 1
            yield _row(number, line.number, content)


def _row(number: int, line: int, content: str) -> SourceRow:
    try:
        value = DECODER.decode(content)
    except (ValueError, RecursionError):
        return SourceRow(number, line, {}, "is not valid JSON")
    return object_row(number, line, value)
