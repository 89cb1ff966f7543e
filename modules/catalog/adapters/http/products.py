"""Products over HTTP."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from modules.catalog.adapters.http.narrowing import Narrowed
from modules.catalog.application.products import ChangeProduct, DraftProduct, ProductService
from modules.catalog.application.queries import ProductFilter, ProductSort, ProductView
from modules.catalog.application.showing import ProductVersions, ShowProducts
from modules.catalog.domain.translations import LOCALE, LOCALE_LENGTH
from modules.catalog.public import PRODUCTS_PUBLISH, PRODUCTS_READ, PRODUCTS_WRITE
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
    public_of_object,
    publicly_cached,
    requires_of_object,
    use,
)

router = Router(tags=["catalog"], prefix="/products")


class Include(StrEnum):
    """What to tell of each product beside itself."""

    ALLOWED_ACTIONS = "allowed_actions"


Service = Annotated[ProductService, use(ProductService)]
Shown = Annotated[ShowProducts, use(ShowProducts)]

Beginning = Annotated[
    str | None,
    Query(
        pattern=r"^[^\u0000-\u001f\u007f]+$",
        max_length=100,
        description="What the name begins with, in any case; taken literally.",
    ),
]
Included = Annotated[
    Include | None, Query(description="`allowed_actions`: what the caller may do with each.")
]
Language = Annotated[
    str | None,
    Query(
        pattern=LOCALE,
        max_length=LOCALE_LENGTH,
        description="The language to answer in, where there is a translation.",
    ),
]


async def _filter(where: Narrowed, *, q: Beginning = None) -> ProductFilter:
    return replace(where, q=q)


@router.get("")
@public
@publicly_cached()
async def list_products(
    shown: Shown,
    caller: MaybeCaller,
    where: Annotated[ProductFilter, Depends(_filter)],
    paging: Paging,
    *,
    sort: ProductSort = ProductSort.NEWEST,
    include: Included = None,
) -> Listing[ProductView]:
    """List what is published, what is the caller's own, and what else they may read.

    Prices are compared by amount; add `currency` to compare like with like. Attributes that
    categories declare can be filtered by, as `attributes.color=red` or `attributes.weight.gte=2`,
    by at most ten.
    """
    page = await shown.listed(
        caller, where, sort, paging.slice, with_actions=include is Include.ALLOWED_ACTIONS
    )
    return paging.listing(page)


@router.post("", status_code=201)
@requires_of_object(PRODUCTS_WRITE)
@idempotent
async def create_product(
    body: DraftProduct,
    caller: CurrentCaller,
    *,
    products: Service,
    shown: Shown,
    located: Located,
) -> ProductView:
    """Draft a product. Nobody sees it by right but its owner until it is published."""
    product_id = await products.draft(caller, body)
    located(product_id)
    return await shown.changed(product_id)


@router.get("/{product_id}")
@public_of_object(PRODUCTS_READ)
@publicly_cached(ProductVersions)
async def show_product(
    product_id: UUID,
    shown: Shown,
    caller: MaybeCaller,
    include: Included = None,
    locale: Language = None,
) -> ProductView:
    """Show a product that is published, the caller's own, or theirs to read for another reason."""
    return await shown.one(
        caller, product_id, with_actions=include is Include.ALLOWED_ACTIONS, locale=locale
    )


@router.patch("/{product_id}")
@requires_of_object(PRODUCTS_WRITE)
@idempotent
async def change_product(
    product_id: UUID,
    body: ChangeProduct,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    products: Service,
    shown: Shown,
) -> ProductView:
    """Change what is sent, keep the rest (JSON Merge Patch).

    A published product keeps its SKU; an archived one changes no more.
    """
    await products.change(caller, product_id, body, expected=expected)
    return await shown.changed(product_id)


@router.post("/{product_id}/publish")
@requires_of_object(PRODUCTS_PUBLISH)
@idempotent
async def publish_product(
    product_id: UUID, caller: CurrentCaller, products: Service, shown: Shown
) -> ProductView:
    """Make a draft visible to everyone."""
    await products.publish(caller, product_id)
    return await shown.changed(product_id)


@router.post("/{product_id}/archive")
@requires_of_object(PRODUCTS_PUBLISH)
@idempotent
async def archive_product(
    product_id: UUID, caller: CurrentCaller, products: Service, shown: Shown
) -> ProductView:
    """Take a product off the shelves for good."""
    await products.archive(caller, product_id)
    return await shown.changed(product_id)


@router.delete("/{product_id}", status_code=204)
@requires_of_object(PRODUCTS_WRITE)
async def delete_product(
    product_id: UUID, expected: ExpectedVersion, caller: CurrentCaller, products: Service
) -> None:
    """Put a draft or an archived product into the trash. Its SKU and its slug are free again.

    From there it can be restored for some time; then it is gone for good.
    """
    await products.delete(caller, product_id, expected=expected)
