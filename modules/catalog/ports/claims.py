"""What only one product may have, or has to exist before a product can have it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Taken:
    """The SKUs and slugs that products have, of those asked for, and the brands that exist."""

    skus: set[str]
    slugs: set[str]
    brand_ids: set[UUID]


class Claims(Protocol):
    """Knows what is taken."""

    async def taken(
        self, *, skus: Collection[str], slugs: Collection[str], brand_ids: Collection[UUID]
    ) -> Taken:
        """Return what there is of it, asked in one statement. Nobody deletes the brands meanwhile.

        The trash does not count. Somebody else may take a SKU or a slug until the transaction ends.
        """
        ...
