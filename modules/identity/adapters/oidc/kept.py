"""What is fetched now and then and kept in between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from modules.identity.domain.federated import ProviderUnavailable

T = TypeVar("T")

KEPT_SECONDS = 3600.0
GAP_SECONDS = 10.0  # until the next attempt after one that failed, or found nothing new


class Kept(Generic[T]):
    """A value that is fetched at its first use, again when it is old, and by one at a time.

    An old one is better than none while the provider is away. While there is none, an attempt
    that failed is not repeated at once: its failure is told again.
    """

    def __init__(self, fetch: Callable[[], Awaitable[T]]) -> None:
        self._fetch = fetch
        self._value: T | None = None
        self._failure: ProviderUnavailable | None = None
        self._fetched_at = self._next_at = float("-inf")
        self._turn = asyncio.Lock()

    async def get(self) -> T:
        """Return the value. Raises ProviderUnavailable."""
        async with self._turn:
            if self._value is None or time.monotonic() > self._fetched_at + KEPT_SECONDS:
                await self._refresh()
        if self._value is None:
            raise ProviderUnavailable(str(self._failure))
        return self._value

    async def newer(self) -> T:
        """Return the value, fetched anew unless that was done a moment ago."""
        async with self._turn:
            await self._refresh()
            self._next_at = time.monotonic() + GAP_SECONDS
        return await self.get()

    async def _refresh(self) -> None:
        if time.monotonic() < self._next_at:
            return
        try:
            self._value = await self._fetch()
            self._fetched_at = time.monotonic()
        except ProviderUnavailable as failure:
            self._failure = failure
            self._next_at = time.monotonic() + GAP_SECONDS
