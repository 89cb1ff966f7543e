"""Contents of media that no product has any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from modules.catalog.ports import Transaction
from modules.catalog.ports.media import MediaStorage
from shared_kernel.application import Clock

# What was just kept may be named in a moment, by a transaction that is not over.
NAMED_AFTER = timedelta(hours=1)
EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SweepMedia:
    """Forgets contents that belonged to removed media and purged products, or to none ever.

    All contents are looked at, so that one of all processes does it, and seldom. Where several do
    nevertheless, there is no harm.
    """

    begin: Transaction
    storage: MediaStorage
    clock: Clock

    async def __call__(self) -> Mapping[str, int]:
        """Return how many are gone."""
        now, gone = self.clock.now(), 0
        if await self.storage.begin_sweep(unless_since=now - EVERY):
            async for names in self.storage.kept_before(now - NAMED_AFTER):
                gone += await self._forget_unnamed(names, now - NAMED_AFTER)
        return {"contents of media": gone}

    async def _forget_unnamed(self, names: Sequence[str], before: datetime) -> int:
        async with self.begin() as tx:
            named = await tx.media.named(names)
        return await self.storage.forget({*names}.difference(named), kept_before=before)
