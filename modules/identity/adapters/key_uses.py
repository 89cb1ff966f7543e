"""When keys were used: noted in memory, written by a task of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.identity.domain.api_secret import SecretKind
from shared_kernel.adapters.lookout import Lookout, Watching

LOOK_SECONDS = 30.0
GAP_SECONDS = 1.0  # uses of many keys are written together
MOST_WAITING = 10_000

Uses = Mapping[tuple[SecretKind, UUID], datetime]


class WritesUses(Protocol):
    """Saves uses."""

    async def write(self, uses: Uses) -> None: ...


class NotedUses(Watching):
    """Keeps the last use of each key until it is written. A process that is killed loses some.

    Requests do not wait for it. What cannot be written is dropped: the next use of the key comes.
    """

    def __init__(self, stored: WritesUses) -> None:
        self._stored = stored
        self.waiting: dict[tuple[SecretKind, UUID], datetime] = {}
        self._lookout = Lookout("key uses", self._write, every=LOOK_SECONDS, gap=GAP_SECONDS)

    def used(self, kind: SecretKind, id: UUID, *, at: datetime) -> None:
        """Note a use."""
        if len(self.waiting) < MOST_WAITING or (kind, id) in self.waiting:
            self.waiting[kind, id] = at
            self._lookout.stir()

    async def _write(self) -> None:
        waiting, self.waiting = self.waiting, {}
        if waiting:
            await self._stored.write(waiting)
