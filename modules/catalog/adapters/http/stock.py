"""Stocks over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from modules.catalog.application.stock.keeping import AdjustStock, ChangeStock, StockService
from modules.catalog.application.stock.showing import (
    Availability,
    MovementView,
    ShowStock,
    StockView,
)
from modules.catalog.domain.stock import Cause
from modules.catalog.public import PRODUCTS_READ, PRODUCTS_STOCK
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    Listing,
    MaybeCaller,
    Paging,
    Router,
    idempotent,
    public_of_object,
    publicly_cached,
    requires_of_object,
    use,
)

router = Router(tags=["catalog"], prefix="/products/{product_id}")

Service = Annotated[StockService, use(StockService)]
Shown = Annotated[ShowStock, use(ShowStock)]


@router.get("/availability")
@public_of_object(PRODUCTS_READ)
@publicly_cached()
async def list_availability(
    product_id: UUID, shown: Shown, caller: MaybeCaller, paging: Paging
) -> Listing[Availability]:
    """Tell how many of each variant anybody can have now: on hand, and promised to nobody."""
    return paging.listing(await shown.available(caller, product_id, paging.slice))


@router.get("/variants/{variant_id}/stock")
@requires_of_object(PRODUCTS_STOCK)
async def show_stock(
    product_id: UUID, variant_id: UUID, shown: Shown, caller: CurrentCaller
) -> StockView:
    """Show the stock of a variant to those who keep it."""
    return await shown.one(caller, product_id, variant_id)


@router.patch("/variants/{variant_id}/stock")
@requires_of_object(PRODUCTS_STOCK)
@idempotent
async def change_stock(
    product_id: UUID,
    variant_id: UUID,
    body: ChangeStock,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    stocks: Service,
) -> StockView:
    """Say from when on few are left (JSON Merge Patch). How many there are is adjusted."""
    return await stocks.change(caller, product_id, variant_id, body, expected=expected)


@router.post("/variants/{variant_id}/stock/adjustments", status_code=201)
@requires_of_object(PRODUCTS_STOCK)
@idempotent
async def adjust_stock(
    product_id: UUID, variant_id: UUID, body: AdjustStock, caller: CurrentCaller, stocks: Service
) -> MovementView:
    """Take in or out, and say why. What is reserved stays; nothing ever goes below zero.

    Needs no `If-Match`: changes add up, in whatever order they come.
    """
    return await stocks.adjust(caller, product_id, variant_id, body)


@router.get("/variants/{variant_id}/stock/movements")
@requires_of_object(PRODUCTS_STOCK)
async def list_stock_movements(
    product_id: UUID,
    variant_id: UUID,
    shown: Shown,
    caller: CurrentCaller,
    paging: Paging,
    *,
    cause: Cause | None = None,
) -> Listing[MovementView]:
    """List all that ever moved a stock, the newest first. The changes add up to its numbers."""
    return paging.listing(
        await shown.movements(caller, product_id, variant_id, cause, paging.slice)
    )
