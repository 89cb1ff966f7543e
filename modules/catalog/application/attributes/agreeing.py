"""Definitions change only as far as products agree with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from modules.catalog.domain.attributes import Definition, ValuesContradict
from modules.catalog.ports import CatalogUnitOfWork


async def agree(
    tx: CatalogUnitOfWork,
    category_ids: Collection[UUID],
    *,
    changed: Sequence[Definition] = (),
    gone: Sequence[str] = (),
) -> None:
    """Make sure that every living product of these categories agrees with what changes.

    They are held first: who is writing a product in one of them is waited for, and whoever comes
    after sees what changed. Raises ValuesContradict.
    """
    if not changed and not gone:
        return
    await tx.categories.hold_all(category_ids)
    code = await tx.attributes.contradicted(category_ids, changed=changed, gone=gone)
    if code is not None:
        raise ValuesContradict(f"products say of {code} what this does not allow, or say nothing")
