"""Variants over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from modules.catalog.application.variants.service import AddVariant, ChangeVariant, VariantService
from modules.catalog.application.variants.showing import ShowVariants, VariantView
from modules.catalog.public import PRODUCTS_READ, PRODUCTS_WRITE
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    Listing,
    Located,
    MaybeCaller,
    Paging,
    Router,
    idempotent,
    public_of_object,
    publicly_cached,
    requires_of_object,
    use,
)

router = Router(tags=["catalog"], prefix="/products/{product_id}/variants")

Service = Annotated[VariantService, use(VariantService)]
Shown = Annotated[ShowVariants, use(ShowVariants)]


@router.get("")
@public_of_object(PRODUCTS_READ)
@publicly_cached()
async def list_variants(
    product_id: UUID, shown: Shown, caller: MaybeCaller, paging: Paging
) -> Listing[VariantView]:
    """List the forms in which a product is sold, in the order of `position`."""
    return paging.listing(await shown.listed(caller, product_id, paging.slice))


@router.post("", status_code=201)
@requires_of_object(PRODUCTS_WRITE)
@idempotent
async def add_variant(
    product_id: UUID, body: AddVariant, caller: CurrentCaller, variants: Service, located: Located
) -> VariantView:
    """Add a variant to a product, which has 200 at most.

    No other variant may have its SKU, and no other of the product its options.
    """
    view = await variants.add(caller, product_id, body)
    located(view.id)
    return view


@router.get("/{variant_id}")
@public_of_object(PRODUCTS_READ)
@publicly_cached()
async def show_variant(
    product_id: UUID, variant_id: UUID, shown: Shown, caller: MaybeCaller
) -> VariantView:
    """Show a variant of a product that the caller may read."""
    return await shown.one(caller, product_id, variant_id)


@router.patch("/{variant_id}")
@requires_of_object(PRODUCTS_WRITE)
@idempotent
async def change_variant(
    product_id: UUID,
    variant_id: UUID,
    body: ChangeVariant,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    variants: Service,
) -> VariantView:
    """Change what is sent, keep the rest (JSON Merge Patch).

    A variant of a product that was ever published keeps its SKU.
    """
    return await variants.change(caller, product_id, variant_id, body, expected=expected)


@router.delete("/{variant_id}", status_code=204)
@requires_of_object(PRODUCTS_WRITE)
async def delete_variant(
    product_id: UUID,
    variant_id: UUID,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    variants: Service,
) -> None:
    """Delete a variant. Its SKU is free then."""
    await variants.delete(caller, product_id, variant_id, expected=expected)
