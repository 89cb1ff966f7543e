"""Work that takes long, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class InThread:
    """Works in another thread, one piece of work at a time (port `Aside`).

    The event loop gets its turn every 5 ms; several pieces at once would leave it less.
    """

    def __init__(self) -> None:
        self._free = asyncio.Lock()

    async def __call__(self, work: Callable[[], T]) -> T:
        async with self._free:
            return await asyncio.to_thread(work)
