"""Text of a file, piece by piece: lines of bounded length, and JSON values one after another."""

from __future__ import annotations

import codecs
import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, NoReturn

from modules.catalog.ports import FileUnreadable, SourceRow

LONGEST = 1024 * 1024
"""The most bytes of a line, and characters of a row."""

TOO_LONG = "is longer than 1 MiB"


def _no_number(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


# Fractions stay exact: 9.99 is a price, 9.9900000000000002 is none.
DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)


@contextmanager
def opened(path: Path) -> Generator[BinaryIO]:
    """Open a file for reading. Raises FileUnreadable when it cannot be read, then or later."""
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror or 'cannot be read'}") from error


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, with its end. `text` is None for one that is too long to be read."""

    number: int
    text: str | None


def lines_of(file: BinaryIO) -> Iterator[Line]:
    """Yield the lines of a file. Raises FileUnreadable at one that is not UTF-8."""
    for number, content in enumerate(lines_in(file), 1):
        yield Line(number, None if content is None else text_of(file, number, content))


def lines_in(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield the lines of a file without its mark of the byte order; None for one too long."""
    mark = codecs.BOM_UTF8
    while content := file.readline(LONGEST + 1):
        if len(content) > LONGEST:
            _skip_line(file, content)
            yield None
        else:
            yield content.removeprefix(mark)
        mark = b""


def text_of(file: BinaryIO, line: int, content: bytes) -> str:
    """Return a line as text. Raises FileUnreadable for one that is not UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise _not_utf_8(file, line) from error


def _skip_line(file: BinaryIO, content: bytes) -> None:
    while content and not content.endswith(b"\n"):
        content = file.readline(LONGEST)


def _not_utf_8(file: BinaryIO, line: int) -> FileUnreadable:
    return FileUnreadable(f"{file.name}: line {line} is not UTF-8")


class Text:
    """A text that is read as far as it is needed, and forgotten as far as it was taken."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._counted, self._line, self._lines_read = 0, 1, 1
        self.text, self.at, self.ended = "", 0, False

    def line(self) -> int:
        """Return the number of the line it stands on."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    @property
    def waiting(self) -> int:
        """How many characters were read and not taken."""
        return len(self.text) - self.at

    def more(self) -> bool:
        """Read on, as much again as waits already; return whether there was more."""
        if self.ended:
            return False
        self.line()
        content = self._file.read(max(64 * 1024, self.waiting))
        self.ended = not content
        self.text, self.at, self._counted = self.text[self.at :] + self._decoded(content), 0, 0
        return not self.ended

    def _decoded(self, content: bytes) -> str:
        try:
            text = self._decoder.decode(content, final=not content)
        except UnicodeDecodeError as error:
            line = self._lines_read + content.count(b"\n", 0, error.start)
            raise _not_utf_8(self._file, line) from error
        self._lines_read += content.count(b"\n")
        return text


def object_row(number: int, line: int, value: object) -> SourceRow:
    """Return the row of a JSON value, which has to be an object."""
    if isinstance(value, dict):
        return SourceRow(number, line, value)  # pyright: ignore[reportUnknownArgumentType]  # names in JSON are texts
    return SourceRow(number, line, {}, "is not an object")
