"""Which sessions have ended: known in every process within two seconds, asked in microseconds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from modules.identity.domain.session import SessionOver
from modules.identity.ports import SessionRecords
from shared_kernel.adapters.lookout import Lookout, Watching
from shared_kernel.adapters.signals import Signals
from shared_kernel.application import Clock
from shared_kernel.domain import Unavailable

TOPIC = "identity.sessions_ended"
POLL_SECONDS = 1.0
FRESH_SECONDS = 2.0
GAP_SECONDS = 0.1  # between two looks, however many signals come

# `ended_at` is taken before its transaction commits, by the clock of another machine. No
# transaction lives this long (its statements are cut off after 10 s), and no clock is so wrong.
OVERLAP = timedelta(seconds=60)


class RecentlyEnded(Watching):
    """Keeps the sessions that ended while access tokens of theirs may still be valid.

    A request is checked against a set in memory, without asking the database. What keeps the set
    true:

    * The process that ends a session adds it as soon as the transaction has committed; the unit
      of work does this for every session it ended, so no way of ending one can forget it.
    * It then signals the other processes, which read the sessions ended lately.
    * A signal may be lost, so each process also reads them every second: from a minute before
      its last successful look, because a transaction that commits late shows a time gone by.
      Older ones need not be kept: an access token lasts ten minutes, and the set is filled for
      that long back at the start.
    * When the last successful look began more than two seconds ago, memory is not trusted: each
      request reads the row of its session, and is refused with 503 when that fails, too.
    """

    def __init__(
        self, records: SessionRecords, signals: Signals, clock: Clock, token_lifetime: timedelta
    ) -> None:
        self._records, self._signals, self._clock = records, signals, clock
        self._memory = token_lifetime + OVERLAP
        self._ended: dict[UUID, datetime] = {}
        self._looked_at: datetime | None = None
        self._fresh_until = 0.0
        self._lookout = Lookout("ended sessions", self._look, every=POLL_SECONDS, gap=GAP_SECONDS)

    async def __aenter__(self) -> Self:
        self._signals.subscribe(TOPIC, self._lookout.stir)
        await self._look()
        return await super().__aenter__()

    async def check(self) -> None:
        """Raise Unavailable while it is not known which sessions have ended."""
        if time.monotonic() > self._fresh_until:
            raise Unavailable("which sessions have ended is not known")

    async def require(self, session_id: UUID) -> None:
        """Raise SessionOver unless the session is live; Unavailable when that cannot be known."""
        if session_id in self._ended:
            raise SessionOver("the session has ended; sign in again")
        if time.monotonic() > self._fresh_until and await self._records.has_ended(session_id):
            raise SessionOver("the session has ended; sign in again")

    def ended(self, session_ids: Sequence[UUID]) -> None:
        """Refuse these sessions from now on, here at once and elsewhere soon."""
        now = self._clock.now()
        self._ended.update((one, now) for one in session_ids)
        self._signals.send(TOPIC)

    async def _look(self) -> None:
        began, now = time.monotonic(), self._clock.now()
        horizon = now - self._memory
        since = horizon if self._looked_at is None else self._looked_at - OVERLAP
        found = await self._records.ended_since(since)
        kept = {one: at for one, at in self._ended.items() if at >= horizon}
        self._ended = {**kept, **dict(found)}
        self._looked_at, self._fresh_until = now, began + FRESH_SECONDS
