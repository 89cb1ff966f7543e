"""Rows in files: JSON, NDJSON and CSV, each row with the line it starts on."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn, cast

from modules.catalog.ports import FileFormat, FileUnreadable, SourceRow

DEMO = Path(__file__).parent.parent / "demo" / "stonemason.ndjson"
LISTS = frozenset({"products", "categories"})
SPACE = re.compile(r"[ \t\r\n]*")


class FilesOnDisk:
    """Reads files of this machine, as UTF-8."""

    def rows(self, path: str, file_format: FileFormat | None) -> Iterator[SourceRow]:
        """Yield the rows of a file. Raises FileUnreadable."""
        chosen = file_format or _format_of(Path(path))
        text = _text_of(Path(path))
        if chosen is FileFormat.CSV:
            return _csv_rows(text)
        return _line_rows(text) if chosen is FileFormat.NDJSON else JsonRows(text).rows()

    def demo(self) -> Iterator[SourceRow]:
        """Yield the rows of the shop shipped with the module."""
        return self.rows(str(DEMO), FileFormat.NDJSON)


def _format_of(path: Path) -> FileFormat:
    ending = path.suffix.lower().removeprefix(".")
    try:
        return FileFormat("ndjson" if ending == "jsonl" else ending)
    except ValueError:
        known = ", ".join(FileFormat)
        raise FileUnreadable(f"{path}: the name tells no format; name one of {known}") from None


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror or 'cannot be read'}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileUnreadable(f"{path}: line {line} is not UTF-8") from error


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


# Fractions stay exact: 9.99 is a price, 9.9900000000000002 is none.
DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)


class JsonRows:
    """A JSON array of rows, or an object that holds one as `products` or `categories`.

    The decoder of the standard library forgets where a value stood, so the brackets around the
    rows are read here, and each row by itself. Nothing after a row that is no JSON can be read.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at, self._number = 0, 0
        self._counted, self._line = 0, 1

    def rows(self) -> Iterator[SourceRow]:
        """Yield the rows up to the end, or to the first that cannot be read."""
        try:
            yield from self._document()
        except (ValueError, RecursionError):
            yield self._faulty("is not valid JSON; nothing after it was read")

    def _document(self) -> Iterator[SourceRow]:
        if self._next() == "{":
            yield from self._object()
        else:
            yield from self._array()
        if self._next():
            raise ValueError("more after the end")

    def _object(self) -> Iterator[SourceRow]:
        found = False
        for _ in self._parts("{", "}"):
            name = self._value()
            self._take(":")
            if name in LISTS and self._next() == "[":
                found = True
                yield from self._array()
            else:
                self._value()
        if not found:
            yield self._faulty("is no list, and holds none named products or categories")

    def _array(self) -> Iterator[SourceRow]:
        for _ in self._parts("[", "]"):
            start = self._at
            value = self._value()
            yield self._row(value, start)

    def _parts(self, opening: str, closing: str) -> Iterator[None]:
        """Stand before each part of an array or object; the caller reads it."""
        self._take(opening)
        if self._next() == closing:
            self._take(closing)
            return
        while True:
            self._next()
            yield
            if self._next() == closing:
                self._take(closing)
                return
            self._take(",")

    def _next(self) -> str:
        """Return the next character that is no space, without taking it; empty at the end."""
        space = SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        return self._text[self._at : self._at + 1]

    def _take(self, wanted: str) -> None:
        if self._next() != wanted:
            raise ValueError(f"{wanted} is missing")
        self._at += 1

    def _value(self) -> Any:
        self._next()
        value, self._at = DECODER.raw_decode(self._text, self._at)
        return value

    def _row(self, value: Any, start: int) -> SourceRow:
        self._number += 1
        return _object_row(self._number, self._line_at(start), value)

    def _faulty(self, fault: str) -> SourceRow:
        return SourceRow(self._number + 1, self._line_at(self._at), {}, fault)

    def _line_at(self, position: int) -> int:
        self._line += self._text.count("\n", self._counted, position)
        self._counted = position
        return self._line


def _line_rows(text: str) -> Iterator[SourceRow]:
    number = 0
    for line, content in enumerate(text.split("\n"), 1):
        if content.strip():
            number += 1
            yield _line_row(number, line, content)


def _line_row(number: int, line: int, content: str) -> SourceRow:
    try:
        value = DECODER.decode(content)
    except (ValueError, RecursionError):
        return SourceRow(number, line, {}, "is not valid JSON")
    return _object_row(number, line, value)


def _object_row(number: int, line: int, value: object) -> SourceRow:
    if isinstance(value, dict):
        return SourceRow(number, line, cast("dict[str, object]", value))
    return SourceRow(number, line, {}, "is not an object")


def _csv_rows(text: str) -> Iterator[SourceRow]:
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield _csv_row(number, reader.line_num, cells)
    except csv.Error:
        fault = "is not valid CSV; nothing after it was read"
        yield SourceRow(number + 1, reader.line_num + 1, {}, fault)


def _csv_row(number: int, last_line: int, cells: dict[str | Any, str | Any]) -> SourceRow:
    if None in cells or None in cells.values():
        return SourceRow(number, last_line, {}, "has not as many cells as the first line")
    first_line = last_line - sum(cell.count("\n") for cell in cells.values())
    return SourceRow(number, first_line, cells)
