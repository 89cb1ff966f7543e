"""Reads the tree of categories, or a part of it, with what stands in it: in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Integer,
    Select,
    Uuid,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    select,
)

from modules.catalog.adapters.sql.product_queries import ATTRIBUTES
from modules.catalog.adapters.sql.tables import categories, not_in_trash, products
from modules.catalog.application.categories.queries import CategoryNode
from shared_kernel.adapters.sql import Query, ReadPool
from shared_kernel.adapters.sql.conditions import predicate_of, shape_of, values_of
from shared_kernel.application.conditions import Condition

c, p = categories.c, products.c

MOST_NODES = 10_000

# Policies change, and every change may bring new shapes of conditions.
MOST_SHAPES = 100


@dataclass(frozen=True, slots=True)
class Placed:
    """A category, what it hangs below, and how many products are in it, where they were counted."""

    id: UUID
    name: str
    slug: str
    external_id: str | None
    parent_id: UUID | None
    product_count: int | None = None


async def read(
    reads: ReadPool, *, below: UUID | None, depth: int, counted: Condition | None
) -> Sequence[Placed]:
    """Return the categories of a part of the tree level by level, one more than there may be."""
    tree = FROM_THE_TOP if below is None else FROM_A_CATEGORY
    if counted is None:
        return await tree.plain.all(reads, below=below, depth=depth)
    query = tree.counting(counted)
    return await query.all(reads, below=below, depth=depth, **values_of(counted))


def hung(rows: Sequence[Placed]) -> list[CategoryNode]:
    """Hang every node below its parent, which came before it; return those that have none here."""
    totals = _totals(rows)
    nodes: dict[UUID | None, CategoryNode] = {}
    tops: list[CategoryNode] = []
    for row in rows:
        count = None if row.product_count is None else totals[row.id]
        node = CategoryNode(row.id, row.name, row.slug, row.external_id, product_count=count)
        nodes[row.id] = node
        parent = nodes.get(row.parent_id)
        (parent.children if parent else tops).append(node)
    return tops


def _totals(rows: Sequence[Placed]) -> defaultdict[UUID | None, int]:
    """Return how many products are in each category and below it: added up from below."""
    totals: defaultdict[UUID | None, int] = defaultdict(int)
    for row in reversed(rows):
        totals[row.id] += row.product_count or 0
        totals[row.parent_id] += totals[row.id]
    return totals


class Tree:
    """The tree that starts with the categories selected.

    `counted_among` are the products that may be in it, of all there are.
    """

    def __init__(
        self, first: Select[UUID], counted_among: Callable[[CTE], Sequence[ColumnElement[bool]]]
    ) -> None:
        self._first, self._among = first, counted_among
        self._kept: dict[object, Query[Placed]] = {}
        self.plain = Query(_shown(_nodes(first, whole=False)), Placed)

    def counting(self, condition: Condition) -> Query[Placed]:
        """Return the query that also counts the products that meet a condition of this shape."""
        shape = shape_of(condition)
        query = self._kept.get(shape)
        if query is None:
            if len(self._kept) >= MOST_SHAPES:
                self._kept.clear()
            query = self._kept[shape] = Query(self._counted(condition), Placed)
        return query

    def _counted(
        self, condition: Condition
    ) -> Select[UUID, str, str, str | None, UUID | None, int]:
        nodes = _nodes(self._first, whole=True)
        numbers = (
            select(p.category_id, func.count().label("number"))
            .where(not_in_trash, predicate_of(condition, ATTRIBUTES), *self._among(nodes))
            .group_by(p.category_id)
            .cte("numbers")
        )
        # What stands deeper than the levels shown counts for the one above it that is shown.
        below = nodes.alias("below")
        held = (
            select(below.c.holder, func.sum(numbers.c.number).label("number"))
            .join(numbers, numbers.c.category_id == below.c.id)
            .group_by(below.c.holder)
            .cte("held")
        )
        count = func.coalesce(held.c.number, 0).cast(Integer)
        shown = _shown(nodes).add_columns(count)
        return shown.join(held, held.c.holder == nodes.c.id, isouter=True).where(
            nodes.c.level <= bindparam("depth", type_=Integer())
        )


def _nodes(first: Select[UUID], *, whole: bool) -> CTE:
    """Return the categories selected and those below: whole, or down to the depth asked for.

    `holder` is a category itself, or the one above it that is at that depth.
    """
    depth = bindparam("depth", type_=Integer())
    tops = (
        select(
            c.id,
            c.name,
            c.slug,
            c.external_id,
            c.parent_id,
            c.position,
            literal_column("1", Integer).label("level"),
            c.id.label("holder"),
        )
        .where(c.id.in_(first))
        .cte("tree", recursive=True)
    )
    t = tops.c
    holder = case((t.level < depth, c.id), else_=t.holder)
    next_level = select(
        c.id, c.name, c.slug, c.external_id, c.parent_id, c.position, t.level + 1, holder
    ).join(tops, c.parent_id == t.id)
    return tops.union_all(next_level if whole else next_level.where(t.level < depth))


def _shown(nodes: CTE) -> Select[UUID, str, str, str | None, UUID | None]:
    n = nodes.c
    return (
        select(n.id, n.name, n.slug, n.external_id, n.parent_id)
        .order_by(n.level, n.position, n.name, n.id)
        .limit(MOST_NODES + 1)
    )


def _in_any(_: CTE) -> Sequence[ColumnElement[bool]]:
    return [p.category_id.is_not(None)]


def _in_these(nodes: CTE) -> Sequence[ColumnElement[bool]]:
    # As an array: the planner takes a recursive table for large, and would read all products.
    ids = func.array(select(nodes.c.id).scalar_subquery(), type_=ARRAY(Uuid))
    return [p.category_id == any_(ids)]


FROM_THE_TOP = Tree(select(c.id).where(c.parent_id.is_(None)), _in_any)
FROM_A_CATEGORY = Tree(select(c.id).where(c.parent_id == bindparam("below")), _in_these)
