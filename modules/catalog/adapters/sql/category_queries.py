"""Reads categories as frozen views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import Integer, bindparam, literal_column, select

from modules.catalog.adapters.sql import tree
from modules.catalog.adapters.sql.tables import categories
from modules.catalog.application.categories.queries import (
    CategoryFilter,
    CategoryNode,
    CategorySort,
    CategoryStep,
    CategoryView,
    TreeTooLarge,
)
from modules.catalog.domain.category import NoSuchCategory
from shared_kernel.adapters.sql import Database, Listing, Query
from shared_kernel.application import Page, Slice
from shared_kernel.application.conditions import Condition

c = categories.c

SHOWN = select(
    c.id, c.name, c.slug, c.parent_id, c.position, c.external_id, c.created_at, c.version
)

ONE = Query(SHOWN.where(c.id == bindparam("id")), CategoryView)
OF_SLUG = Query(SHOWN.where(c.slug == bindparam("slug")), CategoryView)

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

_here = (
    select(c.id, c.name, c.slug, c.parent_id, literal_column("0", Integer).label("above"))
    .where(c.id == bindparam("id"))
    .cte("way", recursive=True)
)
way = _here.union_all(
    select(c.id, c.name, c.slug, c.parent_id, _here.c.above + 1).join(
        _here, c.id == _here.c.parent_id
    )
)
PATH = Query(select(way.c.id, way.c.name, way.c.slug).order_by(way.c.above.desc()), CategoryStep)


@dataclass(frozen=True, slots=True)
class SqlCategoryQueries:
    """Reads categories on the read pool."""

    database: Database

    async def category(self, category_id: UUID) -> CategoryView:
        view = await ONE.first(self.database.reads, id=category_id)
        if view is None:
            raise NoSuchCategory("there is no such category")
        return view

    async def category_of(self, slug: str) -> CategoryView:
        view = await OF_SLUG.first(self.database.reads, slug=slug)
        if view is None:
            raise NoSuchCategory("there is no such category")
        return view

    async def categories(
        self, where: CategoryFilter, sort: CategorySort, part: Slice
    ) -> Page[CategoryView]:
        return await LIST.page(self.database.reads, asdict(where), sort, part)

    async def path(self, category_id: UUID) -> Sequence[CategoryStep]:
        steps = await PATH.all(self.database.reads, id=category_id)
        if not steps:
            raise NoSuchCategory("there is no such category")
        return steps

    async def tree(
        self, *, below: UUID | None, depth: int, counted: Condition | None = None
    ) -> Sequence[CategoryNode]:
        rows = await tree.read(self.database.reads, below=below, depth=depth, counted=counted)
        if len(rows) > tree.MOST_NODES:
            raise TreeTooLarge(
                f"more than {tree.MOST_NODES} categories; ask for fewer levels, or below one"
            )
        return tree.hung(rows)
