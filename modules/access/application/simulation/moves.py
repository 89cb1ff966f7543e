"""Objects that are gained and lost, read from where they are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from modules.access.application.simulation.deltas import Delta
from modules.access.application.simulation.views import ObjectsView
from shared_kernel.application.conditions import FALSE, TRUE, Condition, Facts, every, meets
from shared_kernel.application.resources import GuardedObjects

MOST_OBJECTS = 10_000
CHUNK = 1_000
EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Moved:
    """Objects that are gained, or lost; `capped` when there are more than were counted."""

    ids: frozenset[UUID] = frozenset()
    examples: Sequence[UUID] = ()
    capped: bool = False

    def view(self) -> ObjectsView:
        """Return it as it is shown."""
        return ObjectsView(min(len(self.ids), MOST_OBJECTS), self.capped, list(self.examples))

    def with_own(
        self, looked_at: Collection[UUID], own: frozenset[UUID], shown: Sequence[UUID]
    ) -> Moved:
        """Return what it is for somebody who was looked at: of these objects, their own alone."""
        ids = self.ids.difference(looked_at) | own
        if ids == self.ids:
            return self
        kept = [one for one in self.examples if one in ids and one not in own]
        return Moved(ids, [*shown, *kept][:EXAMPLES], self.capped)


@dataclass(frozen=True, slots=True)
class Both:
    """What is gained and what is lost."""

    gained: Moved = Moved()
    lost: Moved = Moved()


@dataclass(slots=True)
class Finder:
    """Reads objects of one kind.

    visible   those the asker may read: no others are shown
    left_out  what was not looked at, in words
    """

    objects: GuardedObjects
    visible: Condition
    left_out: set[str]
    _known: dict[Condition, Moved] = field(default_factory=dict[Condition, Moved], init=False)

    async def both(self, delta: Delta) -> Both:
        """Return the objects of a delta."""
        return Both(await self._moved(delta.gained), await self._moved(delta.lost))

    async def near(self, condition: Condition) -> Sequence[UUID]:
        """Return the objects that meet a condition; what is too much is left out, and said."""
        found = await self.objects.matching(condition, limit=MOST_OBJECTS + 1)
        if len(found) > MOST_OBJECTS:
            self.left_out.add(
                f"of accounts that own objects, those of the first {MOST_OBJECTS} were looked at"
            )
        return found[:MOST_OBJECTS]

    async def facts(self, ids: Collection[UUID]) -> Mapping[UUID, Facts]:
        """Return what is known of objects, of as many as are looked at."""
        wanted, found = sorted(ids), dict[UUID, Facts]()
        if len(wanted) > MOST_OBJECTS:
            self.left_out.add(f"of objects shared, the first {MOST_OBJECTS} were looked at")
        for start in range(0, min(len(wanted), MOST_OBJECTS), CHUNK):
            found.update(await self.objects.attributes(wanted[start : start + CHUNK]))
        return found

    def readable(self, ids: Collection[UUID], facts: Mapping[UUID, Facts]) -> Sequence[UUID]:
        """Return the first of these objects that the asker may read."""
        return [one for one in sorted(ids) if meets(self.visible, facts[one])][:EXAMPLES]

    async def _moved(self, condition: Condition) -> Moved:
        if condition not in self._known:
            self._known[condition] = await self._read(condition)
        return self._known[condition]

    async def _read(self, condition: Condition) -> Moved:
        if condition == FALSE:
            return Moved()
        found = await self.objects.matching(condition, limit=MOST_OBJECTS + 1)
        shown = found[:EXAMPLES]
        if self.visible != TRUE and found:
            shown = await self.objects.matching(every([condition, self.visible]), limit=EXAMPLES)
        return Moved(frozenset(found), shown, len(found) > MOST_OBJECTS)
