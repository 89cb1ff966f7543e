"""Work that takes long, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Work in another thread (port `Aside`). The event loop gets its turn every 5 ms."""
    return await asyncio.to_thread(work)
