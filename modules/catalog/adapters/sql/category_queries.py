"""Reads categories as frozen views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import Integer, Select, bindparam, literal_column, select

from modules.catalog.adapters.sql.tables import categories
from modules.catalog.application.queries import (
    CategoryFilter,
    CategoryNode,
    CategorySort,
    CategoryView,
    TreeTooLarge,
)
from modules.catalog.domain.category import NoSuchCategory
from shared_kernel.adapters.sql import Database, Listing, Query
from shared_kernel.application import Page, Slice

c = categories.c

MOST_NODES = 10_000

SHOWN = select(c.id, c.name, c.parent_id, c.position, c.external_id, c.created_at, c.version)

ONE = Query(SHOWN.where(c.id == bindparam("id")), CategoryView)

LIST = Listing(
    SHOWN,
    CategoryView,
    id=c.id,
    filters={
        "parent_id": c.parent_id == bindparam("parent_id"),
        "external_id": c.external_id == bindparam("external_id"),
    },
    sorts={"position": c.position, "name": c.name},
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A node, and the category it hangs below."""

    node: CategoryNode
    parent_id: UUID | None


def _placed(id: UUID, name: str, external_id: str | None, parent_id: UUID | None) -> Placed:
    return Placed(CategoryNode(id, name, external_id), parent_id)


def _tree(below: Select[UUID]) -> Query[Placed]:
    """Return the query of a tree that starts with the categories selected, level by level."""
    first = (
        select(
            c.id,
            c.name,
            c.external_id,
            c.parent_id,
            c.position,
            literal_column("1", Integer).label("level"),
        )
        .where(c.id.in_(below))
        .cte("tree", recursive=True)
    )
    next_level = (
        select(c.id, c.name, c.external_id, c.parent_id, c.position, first.c.level + 1)
        .join(first, c.parent_id == first.c.id)
        .where(first.c.level < bindparam("depth", type_=Integer()))
    )
    tree = first.union_all(next_level)
    t = tree.c
    return Query(
        select(t.id, t.name, t.external_id, t.parent_id)
        .order_by(t.level, t.position, t.name, t.id)
        .limit(MOST_NODES + 1),
        _placed,
    )


FROM_THE_TOP = _tree(select(c.id).where(c.parent_id.is_(None)))
FROM_A_CATEGORY = _tree(select(c.id).where(c.parent_id == bindparam("below")))


@dataclass(frozen=True, slots=True)
class SqlCategoryQueries:
    """Reads categories on the read pool."""

    database: Database

    async def category(self, category_id: UUID) -> CategoryView:
        view = await ONE.first(self.database.reads, id=category_id)
        if view is None:
            raise NoSuchCategory("there is no such category")
        return view

    async def categories(
        self, where: CategoryFilter, sort: CategorySort, part: Slice
    ) -> Page[CategoryView]:
        return await LIST.page(self.database.reads, asdict(where), sort, part)

    async def tree(self, *, below: UUID | None, depth: int) -> Sequence[CategoryNode]:
        query = FROM_THE_TOP if below is None else FROM_A_CATEGORY
        rows = await query.all(self.database.reads, below=below, depth=depth)
        if len(rows) > MOST_NODES:
            raise TreeTooLarge(
                f"more than {MOST_NODES} categories; ask for fewer levels, or below one"
            )
        return _hung(rows)


def _hung(rows: Sequence[Placed]) -> list[CategoryNode]:
    """Hang every node below its parent, which came before it; return those that have none here."""
    nodes = {row.node.id: row.node for row in rows}
    tops: list[CategoryNode] = []
    for row in rows:
        parent = nodes.get(row.parent_id) if row.parent_id else None
        (parent.children if parent else tops).append(row.node)
    return tops
