"""Forgetting what counts no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from modules.access.ports import Leftovers
from shared_kernel.application import Clock
from shared_kernel.application.resources import ResourceCatalogue

BATCH = 1_000
START = UUID(int=0)


@dataclass(frozen=True, slots=True)
class ForgetWhatIsOver:
    """Deletes what has ended, grants on objects that are gone, and refusals that are old.

    None of it counted any more. Any number of processes may do so at once.
    """

    leftovers: Leftovers
    resources: ResourceCatalogue
    clock: Clock
    refusals_last: timedelta

    async def __call__(self) -> Mapping[str, int]:
        """Delete, and return how many of each were deleted."""
        now = self.clock.now()
        ended = await self.leftovers.forget_ended(now)
        refusals = await self.leftovers.forget_refusals(now - self.refusals_last)
        orphans = [await self._orphans(name) for name in self.resources.resources]
        return {**ended, "refusals": refusals, "grants on nothing": sum(orphans)}

    async def _orphans(self, resource: str) -> int:
        """Delete the grants on objects of a resource that do not exist any more."""
        objects, after, deleted = self.resources.objects[resource](), START, 0
        while True:
            shared = await self.leftovers.shared_objects(resource, after, limit=BATCH)
            there = await objects.attributes(shared)
            if gone := [one for one in shared if one not in there]:
                deleted += await self.leftovers.forget_grants(resource, gone)
            if len(shared) < BATCH:
                return deleted
            after = shared[-1]
