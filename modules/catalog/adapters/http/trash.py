"""The trash over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from modules.catalog.application.queries import ProductView
from modules.catalog.application.showing import ShowProducts
from modules.catalog.application.trash import DeletedProductView, TrashService
from modules.catalog.public import PRODUCTS_WRITE
from shared_kernel.adapters.http import (
    CurrentCaller,
    Listing,
    Paging,
    Router,
    idempotent,
    requires_of_object,
    use,
)

router = Router(tags=["catalog"])

Service = Annotated[TrashService, use(TrashService)]
Shown = Annotated[ShowProducts, use(ShowProducts)]


@router.get("/trash")
@requires_of_object(PRODUCTS_WRITE)
async def list_trash(
    caller: CurrentCaller, trash: Service, paging: Paging
) -> Listing[DeletedProductView]:
    """List the deleted products that the caller could restore, the last deleted first."""
    return paging.listing(await trash.listed(caller, paging.slice))


@router.post("/products/{product_id}/restore")
@requires_of_object(PRODUCTS_WRITE)
@idempotent
async def restore_product(
    product_id: UUID, caller: CurrentCaller, trash: Service, shown: Shown
) -> ProductView:
    """Take a product out of the trash, as it was when it was deleted.

    A 409 says that another product has its SKU or its slug by now.
    """
    await trash.restore(caller, product_id)
    return await shown.changed(product_id)
