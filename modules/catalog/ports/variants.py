"""Where variants are kept."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from modules.catalog.domain.variants import Variant


class Variants(Protocol):
    """The variants there are."""

    async def count_of(self, product_id: UUID) -> int:
        """Return how many a product has."""
        ...

    async def of(self, product_id: UUID, id: UUID) -> Variant:
        """Return a variant of a product, locked. Raises NoSuchVariant."""
        ...

    def add(self, aggregate: Variant) -> None: ...

    async def remove(self, aggregate: Variant) -> None: ...
