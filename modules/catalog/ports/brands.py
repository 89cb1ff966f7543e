"""Where brands are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol
from uuid import UUID

from modules.catalog.domain.brand import Brand


class Brands(Protocol):
    """The brands there are."""

    async def get_locked(self, id: UUID) -> Brand:
        """Return a brand that nobody puts on a product meanwhile. Raises NoSuchBrand."""
        ...

    async def named(self, texts: Collection[str]) -> Mapping[str, UUID]:
        """Return the brands of these names, in whatever case, or else of these slugs.

        Nobody deletes them meanwhile.
        """
        ...

    def add(self, aggregate: Brand) -> None: ...

    async def remove(self, aggregate: Brand) -> None:
        """Remove a brand; products in the trash lose it. Raises BrandInUse."""
        ...
