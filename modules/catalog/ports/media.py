"""Where media are kept: what is said of them, and their content."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.catalog.domain.media import Media


class MediaReferences(Protocol):
    """The media there are. It keeps a product from having the same picture twice."""

    async def of(self, product_id: UUID) -> Sequence[Media]:
        """Return the media of a product in their order, which stays while the product is held."""
        ...

    async def arrange(self, positions: Mapping[UUID, int]) -> None:
        """Give media new positions, and each a new version, in one statement."""
        ...

    async def named(self, hashes: Collection[str]) -> Collection[str]:
        """Return those of the contents, by their SHA-256, that some media have."""
        ...

    def add(self, aggregate: Media) -> None: ...

    async def remove(self, aggregate: Media) -> None: ...


class MediaStorage(Protocol):
    """The contents of media, each under the name of its SHA-256. All raise MediaUnavailable."""

    async def keep(self, name: str, content: bytes) -> None:
        """Keep a content, whole or not at all. What is kept already counts as new then."""
        ...

    async def read(self, name: str) -> bytes:
        """Return a content."""
        ...

    async def begin_sweep(self, *, unless_since: datetime) -> bool:
        """Say that a sweep begins; False where there is no use, or one began since a moment."""
        ...

    def kept_before(self, moment: datetime) -> AsyncIterator[Sequence[str]]:
        """Yield the names of all that was kept before a moment, some at a time."""
        ...

    async def forget(self, names: Collection[str], *, kept_before: datetime) -> int:
        """Forget contents, but for those kept anew meanwhile; return how many are gone."""
        ...
