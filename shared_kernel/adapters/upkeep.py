"""What is done now and then as long as a process lives, whoever asks for nothing."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from shared_kernel.adapters.lookout import Lookout, Watching

EVERY_SECONDS = 600.0

log = logging.getLogger(__name__)


class Upkeep(Watching):
    """Forgets what is over, in every process: they do not get into each other's way.

    `forget` returns how much of what it forgot.
    """

    def __init__(self, of: str, forget: Callable[[], Awaitable[Mapping[str, int]]]) -> None:
        self._of, self._forget = of, forget
        self._lookout = Lookout(f"upkeep of {of}", self._look, every=EVERY_SECONDS)

    async def _look(self) -> None:
        done = {str(what): count for what, count in (await self._forget()).items() if count}
        if done:
            log.info("forgot what is over in %s: %s", self._of, done)
