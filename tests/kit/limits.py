"""A rate limiter in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared_kernel.application import Allowance
from shared_kernel.domain import Limit

NO_TIME, SECOND = timedelta(), timedelta(seconds=1)


@dataclass(frozen=True)
class Count:
    """What is known under one key."""

    taken: int
    refused: int
    free_at: datetime
    ends_at: datetime


@dataclass
class LimitsInMemory:
    """Counts in one process."""

    counts: dict[tuple[str, str], Count] = field(default_factory=dict[tuple[str, str], Count])

    async def take(self, limit: Limit, key: str, *, at: datetime) -> Allowance:
        before = self._before(limit, key, at)
        allowed = before.taken < limit.quota or before.free_at <= at
        if allowed:
            now = _counted(limit, before, at)
        else:
            now = replace(before, refused=before.refused + 1)
        self.counts[limit.name, key] = now
        used_up = now.taken >= limit.quota and now.free_at > at
        return Allowance(
            allowed=allowed,
            taken=now.taken,
            wait=now.free_at - at if used_up else NO_TIME,
            first_refusal=now.refused == 1,
        )

    async def give_back(self, limit: Limit, key: str) -> None:
        if (now := self.counts.get((limit.name, key))) is not None:
            self.counts[limit.name, key] = replace(now, taken=max(now.taken - 1, 0))

    async def forget(self, limit: Limit, key: str) -> None:
        self.counts.pop((limit.name, key), None)

    def _before(self, limit: Limit, key: str, at: datetime) -> Count:
        found = self.counts.get((limit.name, key))
        if found is None or found.ends_at <= at:
            return Count(0, 0, at, at + limit.window)
        longest = limit.longest_wait or limit.window
        return replace(
            found,
            free_at=min(found.free_at, at + longest),
            ends_at=min(found.ends_at, at + longest + limit.window),
        )


def _counted(limit: Limit, before: Count, at: datetime) -> Count:
    taken, ends_at = before.taken + 1, before.ends_at
    if limit.longest_wait is None:
        return Count(taken, 0, ends_at, ends_at)
    if taken < limit.quota:
        return Count(taken, 0, at, ends_at)
    pause = min(limit.longest_wait, SECOND * 2 ** min(taken - limit.quota, 30))
    return Count(taken, 0, at + pause, at + pause + limit.window)
