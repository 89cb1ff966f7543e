"""A rate limiter in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared_kernel.application import Allowance, Besides, Counter, RateLimiter
from shared_kernel.domain import Limit

NO_TIME, SECOND = timedelta(), timedelta(seconds=1)


@dataclass(frozen=True)
class Count:
    """What is known under one key."""

    taken: int
    refused: int
    free_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Forgetting(Besides):
    """What a transaction in memory does as it commits."""

    limits: LimitsInMemory
    counters: Sequence[Counter]

    def carry_out(self) -> None:
        """Count from the beginning again."""
        for one in self.counters:
            self.limits.counts.pop((one.limit.name, one.key), None)


@dataclass
class LimitsInMemory:
    """Counts in one process."""

    counts: dict[tuple[str, str], Count] = field(default_factory=dict[tuple[str, str], Count])

    async def take(self, counters: Sequence[Counter], *, at: datetime) -> Sequence[Allowance]:
        found = list[Allowance]()
        for one in counters:
            found.append(self._take(one.limit, one.key, at))
            if not found[-1].allowed:
                break
        return found

    def _take(self, limit: Limit, key: str, at: datetime) -> Allowance:
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
            ends_in=max(now.free_at - at, NO_TIME),
            first_refusal=now.refused == 1,
        )

    async def give_back(self, counters: Sequence[Counter]) -> None:
        for one in counters:
            place = one.limit.name, one.key
            if (now := self.counts.get(place)) is not None:
                self.counts[place] = replace(now, taken=max(now.taken - 1, 0))

    async def forget(self, counters: Sequence[Counter]) -> None:
        self.forgetting(counters).carry_out()

    def forgetting(self, counters: Sequence[Counter]) -> Forgetting:
        return Forgetting(self, counters)

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


async def take(limiter: RateLimiter, limit: Limit, key: str, *, at: datetime) -> Allowance:
    """Count under one key."""
    [one] = await limiter.take([Counter(limit, key)], at=at)
    return one
