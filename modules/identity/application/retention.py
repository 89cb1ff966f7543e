"""Forgetting what is over (ASVS 14.2.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from modules.identity.ports.retention import HISTORY, Leftover, Leftovers
from shared_kernel.application import Clock


@dataclass(frozen=True, slots=True)
class ForgetPast:
    """Deletes what is over: what tells of the past after a while, everything else at once.

    The audit log is not touched: it keeps that somebody signed in, and from where. Any number of
    processes may do this at once.
    """

    leftovers: Leftovers
    clock: Clock
    kept_for: timedelta

    async def __call__(self) -> Mapping[Leftover, int]:
        """Return how much of each was deleted. Raises Unavailable."""
        return {one: await self._delete(one) for one in Leftover}

    async def _delete(self, what: Leftover) -> int:
        now, deleted = self.clock.now(), 0
        over_at = now - self.kept_for if what in HISTORY else now
        while batch := await self.leftovers.delete(what, over_at=over_at):
            deleted += batch
        return deleted
