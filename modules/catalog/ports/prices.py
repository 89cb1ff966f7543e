"""Where price lists are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.catalog.domain.prices import ListedPrice


class Prices(Protocol):
    """The listed prices there are. It keeps those of the same from overlapping."""

    async def living_of(self, product_id: UUID, *, at: datetime) -> int:
        """Return how many of a product and its variants are in force or to come."""
        ...

    async def of(self, product_id: UUID, id: UUID) -> ListedPrice:
        """Return a price of a product or one of its variants, locked. Raises NoSuchPrice."""
        ...

    def add(self, aggregate: ListedPrice) -> None: ...

    async def remove(self, aggregate: ListedPrice) -> None: ...
