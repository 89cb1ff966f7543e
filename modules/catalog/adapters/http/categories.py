"""Categories over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from modules.catalog.application.categories.deleting import DeleteCategory
from modules.catalog.application.categories.queries import (
    CategoryFilter,
    CategoryNode,
    CategoryQueries,
    CategorySort,
    CategoryStep,
    CategoryView,
)
from modules.catalog.application.categories.service import (
    CategoryService,
    ChangeCategory,
    CreateCategory,
    MoveCategory,
)
from modules.catalog.application.categories.showing import ShowTree
from modules.catalog.domain.category import MAX_DEPTH
from modules.catalog.domain.slugs import SLUG, SLUG_LENGTH
from modules.catalog.domain.text import CODE
from modules.catalog.public import CATEGORIES_WRITE
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    Listing,
    Located,
    MaybeCaller,
    Paging,
    Router,
    idempotent,
    public,
    publicly_cached,
    requires,
    use,
)

router = Router(tags=["catalog"], prefix="/categories")

Service = Annotated[CategoryService, use(CategoryService)]
Shown = Annotated[ShowTree, use(ShowTree)]
Queries = Annotated[CategoryQueries, use(CategoryQueries)]
ExternalId = Annotated[str | None, Query(pattern=CODE, max_length=64)]
Slug = Annotated[str, Path(pattern=SLUG, max_length=SLUG_LENGTH)]
Below = Annotated[UUID | None, Query(description="Start below this category, not at the top.")]
Depth = Annotated[int, Query(ge=1, le=MAX_DEPTH, description="How many levels at most.")]

Counts = Annotated[
    bool, Query(description="Count the products in and below each that the caller may read.")
]
Deleting = Annotated[DeleteCategory, use(DeleteCategory)]
Target = Annotated[
    UUID | None, Query(description="The category its products go to, and those of all below it.")
]
Cascade = Annotated[bool, Query(description="Delete what is below it, too.")]


@dataclass(frozen=True, slots=True)
class CategoryTree:
    """The tree, or a part of it."""

    items: Sequence[CategoryNode]


@dataclass(frozen=True, slots=True)
class CategoryPath:
    """The way to a category, from the top; the category itself comes last."""

    items: Sequence[CategoryStep]


@router.get("")
@public
@publicly_cached()
async def list_categories(
    queries: Queries,
    paging: Paging,
    parent_id: UUID | None = None,
    external_id: ExternalId = None,
    sort: CategorySort = CategorySort.POSITION,
) -> Listing[CategoryView]:
    """List categories: all of them, or those directly below one."""
    where = CategoryFilter(parent_id=parent_id, external_id=external_id)
    return paging.listing(await queries.categories(where, sort, paging.slice))


@router.get("/tree")
@public
@publicly_cached()
async def show_tree(
    shown: Shown,
    caller: MaybeCaller,
    parent_id: Below = None,
    depth: Depth = MAX_DEPTH,
    *,
    counts: Counts = False,
) -> CategoryTree:
    """Show the categories as a tree, siblings in the order of position and name.

    At most 10,000 of them; larger trees are read level by level or part by part.
    """
    return CategoryTree(await shown(caller, below=parent_id, depth=depth, counts=counts))


@router.get("/by-slug/{slug}")
@public
@publicly_cached()
async def show_category_by_slug(slug: Slug, queries: Queries) -> CategoryView:
    """Show the category that has a slug."""
    return await queries.category_of(slug)


@router.post("", status_code=201)
@requires(CATEGORIES_WRITE)
@idempotent
async def create_category(
    body: CreateCategory,
    caller: CurrentCaller,
    *,
    categories: Service,
    queries: Queries,
    located: Located,
) -> CategoryView:
    """Make a category, at the top or under another one."""
    category_id = await categories.create(caller, body)
    located(category_id)
    return await queries.category(category_id)


@router.get("/{category_id}")
@public
@publicly_cached()
async def show_category(category_id: UUID, queries: Queries) -> CategoryView:
    """Show a category."""
    return await queries.category(category_id)


@router.get("/{category_id}/path")
@public
@publicly_cached()
async def show_path(category_id: UUID, queries: Queries) -> CategoryPath:
    """Show the way from the top to a category."""
    return CategoryPath(await queries.path(category_id))


@router.patch("/{category_id}")
@requires(CATEGORIES_WRITE)
@idempotent
async def change_category(
    category_id: UUID,
    body: ChangeCategory,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    categories: Service,
    queries: Queries,
) -> CategoryView:
    """Rename or move a category (JSON Merge Patch). It takes along all that is below it."""
    await categories.change(caller, category_id, body, expected=expected)
    return await queries.category(category_id)


@router.post("/{category_id}/move")
@requires(CATEGORIES_WRITE)
@idempotent
async def move_category(
    category_id: UUID,
    body: MoveCategory,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    categories: Service,
    queries: Queries,
) -> CategoryView:
    """Put a category before or after another one, or to the end, with all that is below it.

    Its new siblings keep their order. Where there is no room between two of them, they get new
    positions, which makes a new version of each.
    """
    await categories.move(caller, category_id, body, expected=expected)
    return await queries.category(category_id)


@router.delete("/{category_id}", status_code=204)
@requires(CATEGORIES_WRITE)
async def delete_category(
    category_id: UUID,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    delete: Deleting,
    *,
    cascade: Cascade = False,
    move_products_to: Target = None,
) -> None:
    """Delete a category that no product stands in, and no category unless they go with it.

    With `move_products_to` its products are moved first: at most 10,000, all of them or none, each
    of which the caller may write as it is and as it becomes. Where a draft or a published product
    says what the other category does not take, that is a conflict.
    """
    await delete(
        caller,
        category_id,
        expected=expected,
        cascade=cascade,
        move_products_to=move_products_to,
    )
