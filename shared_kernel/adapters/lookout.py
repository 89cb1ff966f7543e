"""Keeps what is in memory like the database: looks when told to, and now and then anyway."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from shared_kernel.domain import Unavailable

log = logging.getLogger(__name__)


class Lookout:
    """Calls `look` after every `stir()`, and `every` so many seconds without one.

    A signal may be lost, a look may fail: the next one makes up for it. Between two looks lie at
    least `gap` seconds, however often it is stirred.
    """

    def __init__(
        self,
        name: str,
        look: Callable[[], Awaitable[None]],
        *,
        every: float,
        gap: float = 0.0,
    ) -> None:
        self._name, self._look, self._every, self._gap = name, look, every, gap
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def stir(self) -> None:
        """Have it look soon. Costs next to nothing."""
        self._wake.set()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_looking(), name=self._name)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _keep_looking(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._look()
            except Unavailable as error:
                log.warning("%s: %s", self._name, error)
            except Exception:  # whatever it is, what was known stays in force until the next look
                log.exception("%s: could not look", self._name)
            await asyncio.sleep(self._gap)


class Watching:
    """What keeps looking for as long as it is entered. It sets `_lookout` when it is made."""

    _lookout: Lookout

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
