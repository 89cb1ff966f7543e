"""Contents of media that no product has any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from modules.catalog.ports import Transaction
from modules.catalog.ports.media import MediaStorage
from shared_kernel.application import Clock

# What was just kept may be named in a moment, by a transaction that is not over.
NAMED_AFTER = timedelta(hours=1)
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class SweepMedia:
    """Forgets contents that belonged to removed media and purged products, or to none ever.

    Any number of processes may do it at once.
    """

    begin: Transaction
    storage: MediaStorage
    clock: Clock

    async def __call__(self) -> Mapping[str, int]:
        """Return how many are gone."""
        before, gone = self.clock.now() - NAMED_AFTER, 0
        names = await self.storage.kept_before(before)
        for start in range(0, len(names), BATCH):
            some = names[start : start + BATCH]
            async with self.begin() as tx:
                named = await tx.media.named(some)
            unnamed = {*some}.difference(named)
            gone += await self.storage.forget(unnamed, kept_before=before)
        return {"contents of media": gone}
