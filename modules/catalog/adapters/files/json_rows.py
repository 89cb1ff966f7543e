"""JSON: an array of rows, or an object that holds one as `products` or `categories`.

The decoder of the standard library forgets where a value stood, so the brackets around the rows
are read here, and each row by itself. Nothing after a row that is no JSON can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from modules.catalog.adapters.files.reading import (
    DECODER,
    LONGEST,
    TOO_LONG,
    Text,
    object_row,
)
from modules.catalog.ports import SourceRow

LISTS = frozenset({"products", "categories"})
SPACE = re.compile(r"[ \t\r\n]*")
REST_UNREAD = "; nothing after it was read"


class TooLong(ValueError):
    """A value does not fit into a megabyte."""


def json_rows(file: BinaryIO) -> Iterator[SourceRow]:
    """Yield the rows up to the end, or to the first that cannot be read."""
    return Document(Text(file)).rows()


class Document:
    """A JSON document on its way through."""

    def __init__(self, text: Text) -> None:
        self._text, self._number = text, 0

    def rows(self) -> Iterator[SourceRow]:
        """Yield the rows."""
        try:
            yield from self._document()
        except TooLong:
            yield self._faulty(f"{TOO_LONG}{REST_UNREAD}")
        except (ValueError, RecursionError):
            yield self._faulty(f"is not valid JSON{REST_UNREAD}")

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
            line, value = self._text.line(), self._value()
            self._number += 1
            yield object_row(self._number, line, value)

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
        text = self._text
        while True:
            if (space := SPACE.match(text.text, text.at)) is not None:
                text.at = space.end()
            if text.waiting:
                return text.text[text.at]
            if not text.more():
                return ""

    def _take(self, wanted: str) -> None:
        if self._next() != wanted:
            raise ValueError(f"{wanted} is missing")
        self._text.at += 1

    def _value(self) -> Any:
        """Take one value, reading on while it is not whole: `12` may be the beginning of `123`."""
        text = self._text
        self._next()
        while True:
            value, end = None, len(text.text)
            try:
                value, end = DECODER.raw_decode(text.text, text.at)
            except ValueError:
                if text.ended:
                    raise
            if end - text.at > LONGEST:
                raise TooLong
            if end < len(text.text) or text.ended:
                text.at = end
                return value
            text.more()

    def _faulty(self, fault: str) -> SourceRow:
        return SourceRow(self._number + 1, self._text.line(), {}, fault)
