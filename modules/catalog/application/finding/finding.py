"""Finds products as the one who looks may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modules.catalog.application.finding.queries import (
    Facets,
    FindingQueries,
    SearchHit,
    Suggestion,
)
from modules.catalog.application.guarding import ProductGuard
from modules.catalog.application.queries import ProductFilter
from modules.catalog.application.showing import known_of
from shared_kernel.application import Caller, Page, Slice


@dataclass(frozen=True, slots=True)
class FindProducts:
    """Finds what the policy lets somebody read. A caller of None is a stranger.

    What they may not read is not there: it is in no result, no count and no suggestion, and it
    decides nothing about what else is found.
    """

    queries: FindingQueries
    guard: ProductGuard

    async def search(
        self, caller: Caller | None, q: str, where: ProductFilter, part: Slice
    ) -> Page[SearchHit]:
        """Return the products that hold all the words of `q`, the best first."""
        within = self.guard.visible(caller, known_of(where))
        return await self.queries.search(q, where, part, within=within)

    async def suggestions(
        self, caller: Caller | None, q: str, where: ProductFilter, *, limit: int
    ) -> Sequence[Suggestion]:
        """Return names of products that begin with `q`, or have words that do."""
        within = self.guard.visible(caller, known_of(where))
        return await self.queries.suggestions(q, where, limit=limit, within=within)

    async def facets(self, caller: Caller | None, q: str | None, where: ProductFilter) -> Facets:
        """Count which values the products have that are found."""
        within = self.guard.visible(caller, known_of(where))
        return await self.queries.facets(q, where, within=within)
