"""Answers what is asked of finding, with statements compiled once per shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from modules.catalog.adapters.sql.finding.candidates import Scope
from modules.catalog.adapters.sql.finding.facets import Counted, counted, facets_of
from modules.catalog.adapters.sql.finding.search import Found, page_of
from modules.catalog.adapters.sql.finding.suggestions import named_like, prefixes_of
from modules.catalog.adapters.sql.product_queries import conditions_of
from modules.catalog.application.finding.marking import begun_in
from modules.catalog.application.finding.queries import (
    MOST_FACETED,
    MOST_RANKED,
    Facets,
    SearchHit,
    Suggestion,
)
from modules.catalog.application.queries import ProductFilter
from modules.catalog.domain.text import CODE
from shared_kernel.adapters.sql import Database, Query
from shared_kernel.application import Page, Slice, Total
from shared_kernel.application.conditions import FALSE, Condition

# Policies change, and every change may bring new shapes of conditions.
MOST_STATEMENTS = 500


@dataclass(frozen=True, slots=True)
class SqlFindingQueries:
    """Finds on the read pool. What the policy shows is part of the SQL, before any bound."""

    database: Database
    _queries: dict[object, Query[Any]] = field(default_factory=dict[object, Query[Any]])

    async def search(
        self, q: str, where: ProductFilter, part: Slice, *, within: Condition
    ) -> Page[SearchHit]:
        if within == FALSE:
            return Page([], None, Total(0) if part.counted else None)
        scope = Scope.of(conditions_of(where), within)
        mode, rank, id = part.after or ("first", "0", "")
        query: Query[Found] = self._kept(
            ("search", mode, bool(part.after), scope.shape),
            lambda: page_of(scope, mode, resumed=bool(part.after)),
        )
        values = {**scope.values, **_typed(q), "_limit": part.limit + 1}
        if part.after:
            values |= {"_rank": int(rank), "_id": UUID(id)}
        found = await query.all(self.database.reads, **values)
        return _page(found, part)

    async def suggestions(
        self, q: str, where: ProductFilter, *, limit: int, within: Condition
    ) -> Sequence[Suggestion]:
        if within == FALSE:
            return []
        scope = Scope.of(conditions_of(where), within)
        prefixes = prefixes_of(q)
        query: Query[str] = self._kept(
            ("suggestions", bool(prefixes), scope.shape),
            lambda: named_like(scope, inside=bool(prefixes)),
        )
        values = {**scope.values, "_asked": q.strip(), "_prefixes": prefixes, "_limit": limit}
        names = await query.all(self.database.reads, **values)
        return [Suggestion(name, begun_in(name, q)) for name in names]

    async def facets(self, q: str | None, where: ProductFilter, *, within: Condition) -> Facets:
        if within == FALSE:
            return Facets([], 0, total_capped=False)
        scope = Scope.of(conditions_of(where), within)
        query: Query[Counted] = self._kept(
            ("facets", q is None, scope.shape), lambda: counted(scope, searched=q is not None)
        )
        typed = {} if q is None else _typed(q)
        total, *items = await query.all(self.database.reads, **scope.values, **typed)
        found = Total.of(total.count, most=MOST_FACETED if q is None else MOST_RANKED)
        return Facets([*facets_of(items)], found.count, found.capped)

    def _kept(self, shape: object, make: Callable[[], Query[Any]]) -> Query[Any]:
        query = self._queries.get(shape)
        if query is None:
            if len(self._queries) >= MOST_STATEMENTS:
                self._queries.clear()
            query = self._queries[shape] = make()
        return query


def _typed(q: str) -> dict[str, object]:
    """Return what was typed, and the same as a SKU if it may be one."""
    typed = q.strip()
    return {"_asked": typed, "_code": typed.lower() if re.fullmatch(CODE, typed) else None}


def _page(found: Sequence[Found], part: Slice) -> Page[SearchHit]:
    shown = found[: part.limit]
    items = [hit for hit, _, _ in shown]
    total = Total.of(found[0][2] if found else 0, most=MOST_RANKED) if part.counted else None
    if len(found) <= part.limit:
        return Page(items, None, total)
    last, rank, _ = shown[-1]
    mode = "similar" if last.similar else "held"
    return Page(items, (mode, str(rank), str(last.product.id)), total)
