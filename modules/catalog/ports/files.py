"""Files that somebody sends: kept on disk until they are taken in."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Protocol


class Spool(Protocol):
    """Keeps files that were sent."""

    async def keep(self, content: AsyncIterable[bytes]) -> str:
        """Keep a file as it comes, and return its path. Nothing stays of one that breaks off."""
        ...

    def discard(self, path: str) -> None:
        """Forget a file, which may be gone already."""
        ...
