"""What may be shown of what holds the words asked for: a bounded number of rows, to be ranked.

How many rows hold a word is left unknown to the planner: with what it knows of a common word it
would read the table from its beginning until it has enough, and all of it where few are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from typing import cast as cast_type

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from modules.catalog.adapters.sql.product_queries import ATTRIBUTES, FILTERS
from modules.catalog.adapters.sql.tables import lower_name, not_in_trash, products, status_found
from modules.catalog.application.finding.queries import MOST_RANKED
from shared_kernel.adapters.sql.conditions import predicates_of, shape_of, values_of, ways_of
from shared_kernel.application.conditions import Condition, Some

p = products.c

asked = bindparam("_asked", type_=String())
"""What somebody typed."""

code = bindparam("_code", type_=String())
"""The same in lower case where it may be a SKU, else null."""

language = func.catalog.search_language()

_none = cast("", TSQUERY)
_sku = func.coalesce(cast("'" + code + "'", TSQUERY), _none)
_words = (
    select(func.websearch_to_tsquery(language, asked, type_=TSQUERY).op("||")(_sku).label("words"))
    .cte("asked")
    .prefix_with("materialized")
)
words = select(_words.c.words).scalar_subquery()
"""What is looked for. A subquery, so that the planner does not look into it."""

# A millionth is the least difference in rank that is told apart. What is named exactly comes first.
_rank = (
    cast(func.round(func.ts_rank(p.search, words) * 1_000_000), Integer)
    + case((func.lower(p.sku) == code, 2_000_000), else_=0)
    + case((lower_name == func.lower(asked), 1_000_000), else_=0)
).label("rank")


FOUND_BY = {**ATTRIBUTES, "resource.status": status_found}
"""Where the policy reads a status, as the indexes of words have it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Among which products is looked: those that meet some filters, shown in some ways."""

    active: Mapping[str, object]
    ways: Sequence[Condition]

    @classmethod
    def of(cls, where: Mapping[str, object | None], within: Condition) -> Scope:
        """Return the scope of what a filter and a policy leave."""
        active = {name: value for name, value in where.items() if value is not None}
        return cls(active, ways_of(within))

    @property
    def shape(self) -> tuple[object, ...]:
        """What decides the statement."""
        return (frozenset(self.active), *map(shape_of, self.ways))

    @property
    def values(self) -> Mapping[str, object]:
        """The values of its parameters."""
        return {**self.active, **values_of(Some(tuple(self.ways)))}

    @property
    def filters(self) -> Sequence[ColumnElement[bool]]:
        return [FILTERS[name] for name in sorted(self.active)]

    @property
    def each_way(self) -> Sequence[ColumnElement[bool]]:
        return predicates_of(self.ways, FOUND_BY)

    @property
    def any_way(self) -> ColumnElement[bool]:
        return or_(*self.each_way)


def holding(scope: Scope) -> CTE:
    """Return id and rank of products that hold the words, and of those that are named so."""
    rows = _of(select(p.id, _rank)).where(not_in_trash, *scope.filters)
    parts = [
        rows.where(p.search.op("@@")(words), way).limit(_literal(MOST_RANKED + 1))
        for way in scope.each_way
    ]
    named = rows.where(lower_name == func.lower(asked), scope.any_way).limit(_literal(100))
    return (
        union(*(_nested(part) for part in (*parts, named))).cte("held").prefix_with("materialized")
    )


def resembling(scope: Scope, *, unless: CTE | None) -> CTE:
    """Return id and rank of products whose names resemble what was asked for."""
    found = func.catalog.resembling(asked, _literal(MOST_RANKED)).table_valued("id", "likeness")
    rank = cast(func.round(found.c.likeness * 1_000_000), Integer).label("rank")
    rows = (
        select(p.id, rank)
        .join(found, found.c.id == p.id)
        .where(not_in_trash, *scope.filters, scope.any_way)
    )
    if unless is not None:
        rows = rows.where(~select(literal(1)).select_from(unless).exists())
    return rows.cte("resembling").prefix_with("materialized")


def hits(scope: Scope, mode: str) -> CTE:
    """Return id and rank of what is found, and whether it only resembles what was asked for.

    By words and, where these find nothing, by likeness (`first`); or only by one of them, as the
    first page was (`held`, `similar`).
    """
    parts: list[Select[Any]] = []
    held = None
    if mode != "similar":
        held = holding(scope)
        parts.append(_of(select(held.c.id, held.c.rank, false().label("similar"))))
    if mode != "held":
        found = resembling(scope, unless=held)
        parts.append(_of(select(found.c.id, found.c.rank, true().label("similar"))))
    return union_all(*parts).cte("hits")


def _nested(part: Select[Any]) -> Select[Any]:
    """Keep the limit of a part of a union to the part."""
    inner = part.subquery()
    return select(*inner.c)


def _of(rows: object) -> Select[Any]:
    """Forget the types of the columns, which only rows that are read need."""
    return cast_type("Select[Any]", rows)


def _literal(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer())
