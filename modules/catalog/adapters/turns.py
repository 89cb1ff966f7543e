"""Turns on the event loop."""

from __future__ import annotations

import asyncio


class LoopPause:
    """Lets the event loop do what waits."""

    async def __call__(self) -> None:
        await asyncio.sleep(0)
