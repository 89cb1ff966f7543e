"""Brands over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from modules.catalog.application.brands import (
    BrandQueries,
    BrandService,
    BrandSort,
    BrandView,
    ChangeBrand,
    CreateBrand,
)
from modules.catalog.domain.slugs import SLUG, SLUG_LENGTH
from modules.catalog.public import BRANDS_WRITE
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    Listing,
    Located,
    Paging,
    Router,
    idempotent,
    public,
    publicly_cached,
    requires,
    use,
)

router = Router(tags=["catalog"], prefix="/brands")

Service = Annotated[BrandService, use(BrandService)]
Queries = Annotated[BrandQueries, use(BrandQueries)]
Slug = Annotated[str | None, Query(pattern=SLUG, max_length=SLUG_LENGTH)]


@router.get("")
@public
@publicly_cached()
async def list_brands(
    queries: Queries, paging: Paging, slug: Slug = None, sort: BrandSort = BrandSort.NAME
) -> Listing[BrandView]:
    """List brands: all of them, or the one of a slug."""
    return paging.listing(await queries.brands(slug, sort, paging.slice))


@router.post("", status_code=201)
@requires(BRANDS_WRITE)
@idempotent
async def create_brand(
    body: CreateBrand,
    caller: CurrentCaller,
    *,
    brands: Service,
    queries: Queries,
    located: Located,
) -> BrandView:
    """Make a brand."""
    brand_id = await brands.create(caller, body)
    located(brand_id)
    return await queries.brand(brand_id)


@router.get("/{brand_id}")
@public
@publicly_cached()
async def show_brand(brand_id: UUID, queries: Queries) -> BrandView:
    """Show a brand."""
    return await queries.brand(brand_id)


@router.patch("/{brand_id}")
@requires(BRANDS_WRITE)
@idempotent
async def change_brand(
    brand_id: UUID,
    body: ChangeBrand,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    brands: Service,
    queries: Queries,
) -> BrandView:
    """Rename a brand, or say something else of it (JSON Merge Patch)."""
    await brands.change(caller, brand_id, body, expected=expected)
    return await queries.brand(brand_id)


@router.delete("/{brand_id}", status_code=204)
@requires(BRANDS_WRITE)
async def delete_brand(
    brand_id: UUID, expected: ExpectedVersion, caller: CurrentCaller, brands: Service
) -> None:
    """Delete a brand that stands on no product. Products in the trash lose it."""
    await brands.delete(caller, brand_id, expected=expected)
