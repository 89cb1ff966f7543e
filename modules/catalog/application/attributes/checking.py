"""What a product says of itself, checked by what its category lets it say."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from modules.catalog.domain.attributes import Attributes, validated
from modules.catalog.ports import CatalogUnitOfWork


async def described(
    tx: CatalogUnitOfWork, category_id: UUID | None, values: Mapping[str, object]
) -> Attributes:
    """Return the values as they are kept of a product in this category.

    The category is held: until the transaction ends nobody deletes it, moves it or changes what it
    defines and inherits. Without a category nothing can be said. Raises CategoryUnknown and what
    `validated` raises.
    """
    if category_id is None:
        return validated([], values)
    await tx.categories.hold(category_id)
    # Asked after the category is held: before, somebody may just have been changing the answer.
    return validated((await tx.attributes.effective([category_id]))[category_id], values)
