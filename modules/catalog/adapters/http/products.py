"""Products over HTTP."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from modules.catalog.application.products import Actors, ChangeProduct, DraftProduct, ProductService
from modules.catalog.application.queries import (
    ProductFilter,
    ProductQueries,
    ProductSort,
    ProductView,
)
from modules.catalog.domain.money import AMOUNT, CURRENCY
from modules.catalog.domain.product import Actor, Status
from modules.catalog.domain.text import CODE
from modules.catalog.public import PRODUCTS_PUBLISH, PRODUCTS_WRITE
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    Listing,
    Located,
    MaybeCaller,
    Paging,
    Router,
    public,
    requires,
    use,
)
from shared_kernel.domain import Unauthenticated

router = Router(tags=["catalog"], prefix="/products")


class Owner(StrEnum):
    """Whose products to list."""

    ME = "me"


async def _viewer(caller: MaybeCaller, actors: Annotated[Actors, use(Actors)]) -> Actor:
    return actors.of(caller)


Viewer = Annotated[Actor, Depends(_viewer)]
Service = Annotated[ProductService, use(ProductService)]
Queries = Annotated[ProductQueries, use(ProductQueries)]

Sku = Annotated[str | None, Query(pattern=CODE, max_length=64)]
Skus = Annotated[
    str | None,
    Query(
        alias="sku.in",
        pattern=f"^{CODE[1:-1]}(,{CODE[1:-1]}){{0,99}}$",
        max_length=6500,
        description="Up to 100 SKUs, separated by commas.",
    ),
]
Lowest = Annotated[str | None, Query(alias="price.gte", pattern=AMOUNT, max_length=14)]
Highest = Annotated[str | None, Query(alias="price.lte", pattern=AMOUNT, max_length=14)]
Currency = Annotated[str | None, Query(pattern=CURRENCY, max_length=3)]
Beginning = Annotated[
    str | None,
    Query(
        pattern=r"^[^\u0000-\u001f\u007f]+$",
        max_length=100,
        description="What the name begins with, in any case; taken literally.",
    ),
]
CategoryId = Annotated[
    UUID | None, Query(description="Includes what stands in the categories below.")
]
Whose = Annotated[Owner | None, Query(description="`me`: one's own, whatever their status.")]


async def _filter(
    viewer: Viewer,
    *,
    status: Status | None = None,
    category_id: CategoryId = None,
    sku: Sku = None,
    skus: Skus = None,
    lowest: Lowest = None,
    highest: Highest = None,
    currency: Currency = None,
    owner: Whose = None,
    q: Beginning = None,
) -> ProductFilter:
    if owner is Owner.ME and viewer.id is None:
        raise Unauthenticated("sign in to see what is yours")
    return ProductFilter(
        status=status,
        category_id=category_id,
        sku=sku,
        skus=skus and skus.split(","),
        lowest=None if lowest is None else Decimal(lowest),
        highest=None if highest is None else Decimal(highest),
        currency=currency,
        owner_id=viewer.id if owner is Owner.ME else None,
        q=q,
    )


@router.get("")
@public
async def list_products(
    queries: Queries,
    viewer: Viewer,
    where: Annotated[ProductFilter, Depends(_filter)],
    paging: Paging,
    sort: ProductSort = ProductSort.NEWEST,
) -> Listing[ProductView]:
    """List what is published, and what is the caller's own.

    Prices are compared by amount; add `currency` to compare like with like.
    """
    return paging.listing(await queries.products(where, sort, paging.slice, seen_by=viewer))


@router.post("", status_code=201)
@requires(PRODUCTS_WRITE)
async def create_product(
    body: DraftProduct,
    caller: CurrentCaller,
    *,
    products: Service,
    queries: Queries,
    viewer: Viewer,
    located: Located,
) -> ProductView:
    """Draft a product. Only its owner sees it until it is published."""
    product_id = await products.draft(caller, body)
    located(product_id)
    return await queries.product(product_id, seen_by=viewer)


@router.get("/{product_id}")
@public
async def show_product(product_id: UUID, queries: Queries, viewer: Viewer) -> ProductView:
    """Show a published product, or one of the caller's own."""
    return await queries.product(product_id, seen_by=viewer)


@router.patch("/{product_id}")
@requires(PRODUCTS_WRITE)
async def change_product(
    product_id: UUID,
    body: ChangeProduct,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    products: Service,
    queries: Queries,
    viewer: Viewer,
) -> ProductView:
    """Change what is sent, keep the rest (JSON Merge Patch).

    A published product keeps its SKU; an archived one changes no more.
    """
    await products.change(caller, product_id, body, expected=expected)
    return await queries.product(product_id, seen_by=viewer)


@router.post("/{product_id}/publish")
@requires(PRODUCTS_PUBLISH)
async def publish_product(
    product_id: UUID, caller: CurrentCaller, products: Service, queries: Queries, viewer: Viewer
) -> ProductView:
    """Make a draft visible to everyone."""
    await products.publish(caller, product_id)
    return await queries.product(product_id, seen_by=viewer)


@router.post("/{product_id}/archive")
@requires(PRODUCTS_PUBLISH)
async def archive_product(
    product_id: UUID, caller: CurrentCaller, products: Service, queries: Queries, viewer: Viewer
) -> ProductView:
    """Take a product off the shelves for good."""
    await products.archive(caller, product_id)
    return await queries.product(product_id, seen_by=viewer)


@router.delete("/{product_id}", status_code=204)
@requires(PRODUCTS_WRITE)
async def delete_product(
    product_id: UUID, expected: ExpectedVersion, caller: CurrentCaller, products: Service
) -> None:
    """Delete a draft or an archived product."""
    await products.delete(caller, product_id, expected=expected)
