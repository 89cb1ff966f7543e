"""What a product says of itself, checked by what its category lets it say."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from modules.catalog.domain.attributes import Attributes, ValuesContradict, validated
from modules.catalog.domain.product import OVER, Product
from modules.catalog.ports import CatalogUnitOfWork
from shared_kernel.domain import Invalid


async def agreed(tx: CatalogUnitOfWork, product: Product) -> None:
    """Make sure that a product may come back: while it was away, nobody asked whether it agrees.

    Raises ValuesContradict.
    """
    if product.status in OVER:
        return
    try:
        product.attributes = await described(tx, product.category_id, product.attributes)
    except Invalid as error:
        raise ValuesContradict("its category asks for other attributes by now") from error


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
