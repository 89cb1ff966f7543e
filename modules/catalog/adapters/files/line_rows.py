"""NDJSON: an object a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import orjson

from modules.catalog.adapters.files.reading import (
    DECODER,
    TOO_LONG,
    lines_in,
    object_row,
    text_of,
)
from modules.catalog.ports import SourceRow

# What is not exact as a float: more digits than one has, and exponents beyond any.
INEXACT = re.compile(rb"[0-9][0-9.]{15}|[0-9][eE][+-]?[0-9]{3}")


def line_rows(file: BinaryIO) -> Iterator[SourceRow]:
    """Yield a row for every line that is not empty; a broken one does not hide the next."""
    number = 0
    for place, content in enumerate(lines_in(file), 1):
        if content is None:
            number += 1
            yield SourceRow(number, place, {}, TOO_LONG)
        elif content and not content.isspace():
            number += 1
            yield _row(file, number, place, content)


def _row(file: BinaryIO, number: int, line: int, content: bytes) -> SourceRow:
    if INEXACT.search(content) is None:
        try:
            return object_row(number, line, orjson.loads(content))
        except orjson.JSONDecodeError:
            pass  # the decoder below tells what is wrong, or takes what this one does not
    try:
        return object_row(number, line, DECODER.decode(text_of(file, line, content)))
    except (ValueError, RecursionError):
        return SourceRow(number, line, {}, "is not valid JSON")
