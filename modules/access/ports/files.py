"""Documents as files that people write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from shared_kernel.domain import Invalid


class BadFile(Invalid):
    """The file cannot be read, because of what stands in this line."""

    def __init__(self, message: str, *, line: int | None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a file says, and the line of each part of it by its JSON pointer."""

    document: object
    lines: Mapping[str, int]

    def line_of(self, pointer: str | None) -> int | None:
        """Return where the part stands, or else what it is a part of."""
        place = pointer or ""
        while place and place not in self.lines:
            place = place.rpartition("/")[0]
        return self.lines.get(place)


class DocumentFormat(Protocol):
    """How documents stand in files."""

    def read(self, content: bytes) -> Written:
        """Return what the file says. Raises BadFile."""
        ...

    def write(self, document: Mapping[str, object]) -> str:
        """Return what to put into a file."""
        ...
