"""The tree as the one who looks may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from modules.catalog.application.categories.queries import CategoryNode, CategoryQueries
from modules.catalog.application.guarding import ProductGuard
from shared_kernel.application import Caller


@dataclass(frozen=True, slots=True)
class ShowTree:
    """Shows the tree, which everybody may see, and counts what somebody may read in it."""

    queries: CategoryQueries
    guard: ProductGuard

    async def __call__(
        self, caller: Caller | None, *, below: UUID | None, depth: int, counts: bool = False
    ) -> Sequence[CategoryNode]:
        """Return a part of the tree. Raises TreeTooLarge."""
        counted = self.guard.visible(caller) if counts else None
        return await self.queries.tree(below=below, depth=depth, counted=counted)
