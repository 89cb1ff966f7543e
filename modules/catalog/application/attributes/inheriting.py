"""What becomes of attributes when a part of the tree is moved."""

from __future__ import annotations

from uuid import UUID

from modules.catalog.domain.attributes import AttributeCodeTaken
from modules.catalog.domain.category import Forest
from modules.catalog.ports import CatalogUnitOfWork


async def inherit(
    tx: CatalogUnitOfWork, forest: Forest, category_id: UUID, under: UUID | None
) -> None:
    """Let a category and all below it inherit from the one they stand under now, or from none.

    Raises AttributeCodeTaken where they define what those above define, too.
    """
    moved = forest.subtree(category_id)
    await tx.categories.hold_all(moved)
    if under is None:
        return
    inherited = (await tx.attributes.effective([under]))[under]
    twice = await tx.attributes.taken([one.code for one in inherited], moved)
    if twice is not None:
        raise AttributeCodeTaken(f"{twice} is defined above the new place and below it")
