"""What is done now and then as long as a process lives, whoever asks for nothing."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from shared_kernel.adapters.lookout import Lookout

EVERY_SECONDS = 3600.0

log = logging.getLogger(__name__)


class Upkeep:
    """Forgets what is over, in every process: they do not get into each other's way."""

    def __init__(self, forget: Callable[[], Awaitable[Mapping[str, int]]]) -> None:
        self._forget = forget
        self._lookout = Lookout("upkeep of access", self._look, every=EVERY_SECONDS)

    async def __aenter__(self) -> Self:
        await self._lookout.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._lookout.__aexit__(kind, error, trace)

    async def _look(self) -> None:
        if done := {what: count for what, count in (await self._forget()).items() if count}:
            log.info("forgot what is over: %s", done)
