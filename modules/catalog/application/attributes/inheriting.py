"""What becomes of attributes when a part of the tree is moved."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from modules.catalog.application.attributes.agreeing import agree
from modules.catalog.domain.attributes import AttributeCodeTaken, Definition
from modules.catalog.domain.category import Forest
from modules.catalog.ports import CatalogUnitOfWork


async def inherit(
    tx: CatalogUnitOfWork,
    forest: Forest,
    category_id: UUID,
    *,
    before: UUID | None,
    now: UUID | None,
) -> None:
    """Let a category and all below it inherit from another one than before, or from none.

    Raises AttributeCodeTaken where they define what those above define, too; ValuesContradict
    where their products say what they could not say there, or lack what is required there.
    """
    moved = forest.subtree(category_id)
    old, new = await _inherited(tx, before, now)
    twice = await tx.attributes.taken(new, moved)
    if twice is not None:
        raise AttributeCodeTaken(f"{twice} is defined above the new place and below it")
    await agree(
        tx,
        moved,
        changed=[one for code, one in new.items() if one != old.get(code)],
        gone=[code for code in old if code not in new],
    )


async def _inherited(
    tx: CatalogUnitOfWork, *parents: UUID | None
) -> list[Mapping[str, Definition]]:
    found = await tx.attributes.effective([one for one in parents if one is not None])
    return [
        {one.code: one for one in found[parent]} if parent is not None else {} for parent in parents
    ]
