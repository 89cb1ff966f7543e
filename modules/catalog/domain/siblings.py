"""The order of categories under one parent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from modules.catalog.domain.category import MAX_POSITION
from shared_kernel.domain import Invalid

# Room for some categories between two others, before positions are given out anew.
STEP = 1_000


class PlaceUnclear(Invalid):
    """Both a category to stand before and one to stand after are named."""


class SiblingUnknown(Invalid):
    """The category to stand before or after is not under the same parent."""


@dataclass(frozen=True, slots=True)
class Sibling:
    """A category and its position, which others may share: their names decide then."""

    id: UUID
    position: int


@dataclass(frozen=True, slots=True)
class Place:
    """Directly before one sibling, or directly after one, or at the end."""

    before: UUID | None = None
    after: UUID | None = None

    def __post_init__(self) -> None:
        if self.before is not None and self.after is not None:
            raise PlaceUnclear("name one to stand before or after, not both", field="/after")

    @property
    def sibling(self) -> UUID | None:
        """The sibling that is named."""
        return self.before or self.after

    @property
    def field(self) -> str:
        """The member that names it, as a JSON pointer."""
        return "/after" if self.before is None else "/before"

    def index_in(self, siblings: Sequence[Sibling]) -> int:
        """Return how many of the siblings stand before this place. Raises SiblingUnknown."""
        if self.sibling is None:
            return len(siblings)
        ids = [one.id for one in siblings]
        if self.sibling not in ids:
            raise SiblingUnknown("is no other category under this parent", field=self.field)
        return ids.index(self.sibling) + (self.after is not None)


def arranged(siblings: Sequence[Sibling], id: UUID, place: Place) -> Mapping[UUID, int]:
    """Return the position of a category among its siblings, and of those that make room for it.

    `siblings` are the others under the same parent, in their order, which stays. Mostly there is
    room, and none of them moves. Raises SiblingUnknown.
    """
    index = place.index_in(siblings)
    free = _between(siblings[:index][-1:], siblings[index:][:1])
    if free is not None:
        return {id: free}
    old = {one.id: one.position for one in siblings}
    ordered = [one.id for one in siblings]
    ordered.insert(index, id)
    step = min(STEP, MAX_POSITION // len(ordered))
    new = {one: step * number for number, one in enumerate(ordered, 1)}
    return {one: position for one, position in new.items() if position != old.get(one)}


def _between(left: Sequence[Sibling], right: Sequence[Sibling]) -> int | None:
    """Return a position between two, of which there may be none; None where there is no room."""
    lowest = left[0].position if left else -1
    if not right:
        last = lowest + STEP if left else 0
        return last if last <= MAX_POSITION else None
    middle = (lowest + right[0].position) // 2
    return middle if lowest < middle < right[0].position else None
