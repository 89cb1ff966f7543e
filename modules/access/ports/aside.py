"""Work that takes long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Aside(Protocol):
    """Works while others are served, in the context of whoever asks."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """Return what the work returns."""
        ...
