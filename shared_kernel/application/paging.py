"""Lists, part by part: which part to read, and what was found of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
S = TypeVar("S")

MOST_COUNTED = 10_000
"""Rows beyond so many are not counted: nobody reads them, and counting a million takes long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Which part of a sorted list to read: at most `limit` rows after the position `after`.

    A position is the sort key and the id of the last row seen, as text; empty at the start.
    With `counted` the rows of all parts together are counted, up to MOST_COUNTED.
    """

    limit: int
    after: tuple[str, ...] = ()
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows a list has: at most MOST_COUNTED, `capped` when it has more."""

    count: int
    capped: bool = False

    @classmethod
    def of(cls, counted: int | None, *, most: int = MOST_COUNTED) -> Total:
        """Return the total of what was counted, up to one more than is told."""
        return cls(min(counted or 0, most), capped=(counted or 0) > most)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. `last` is the position to go on from, None on the last page.

    `total` is there when the list was counted.
    """

    items: Sequence[T]
    last: tuple[str, ...] | None = None
    total: Total | None = None

    def shown_as(self, show: Callable[[T], S]) -> Page[S]:
        """Return the same page with each item shown otherwise."""
        return Page([show(one) for one in self.items], self.last, self.total)
