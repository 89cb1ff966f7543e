"""Prices over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from modules.catalog.application.pricing.service import ChangePrice, PriceService, SetPrice
from modules.catalog.application.pricing.showing import (
    PriceChange,
    PriceInForceView,
    PriceView,
    ShowPrices,
)
from modules.catalog.domain.money import CURRENCY
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
from shared_kernel.application import Aware

router = Router(tags=["catalog"], prefix="/products/{product_id}")

Service = Annotated[PriceService, use(PriceService)]
Shown = Annotated[ShowPrices, use(ShowPrices)]
InCurrency = Annotated[
    str | None,
    Query(
        pattern=CURRENCY,
        max_length=3,
        description="ISO 4217; that of the product's own price, where none is named.",
    ),
]
At = Annotated[
    Annotated[datetime, Aware()] | None, Query(description="Now, where no time is named.")
]


@router.get("/price")
@public_of_object(PRODUCTS_READ)
@publicly_cached()
async def show_price_in_force(
    product_id: UUID,
    shown: Shown,
    caller: MaybeCaller,
    *,
    currency: InCurrency = None,
    variant_id: UUID | None = None,
    at: At = None,
) -> PriceInForceView:
    """Tell what a product, or one of its variants, costs in a currency at a time.

    The price listed for the variant wins, then the variant's own, then the one listed for the
    product, and at last the product's own.
    """
    return await shown.in_force(caller, product_id, variant_id, currency, at)


@router.get("/prices")
@requires_of_object(PRODUCTS_WRITE)
async def list_prices(
    product_id: UUID,
    shown: Shown,
    caller: CurrentCaller,
    paging: Paging,
    *,
    variant_id: UUID | None = None,
    currency: Annotated[str | None, Query(pattern=CURRENCY, max_length=3)] = None,
) -> Listing[PriceView]:
    """List the prices of a product and its variants that are, were or will be in force."""
    return paging.listing(
        await shown.listed(caller, product_id, variant_id, currency, paging.slice)
    )


@router.post("/prices", status_code=201)
@requires_of_object(PRODUCTS_WRITE)
@idempotent
async def set_price(
    product_id: UUID, body: SetPrice, caller: CurrentCaller, prices: Service, located: Located
) -> PriceView:
    """Set what a product or a variant costs in a currency, for a time that has not begun.

    No two prices of the same in one currency may overlap: end the one in force first.
    """
    view = await prices.set(caller, product_id, body)
    located(view.id)
    return view


@router.get("/prices/{price_id}")
@requires_of_object(PRODUCTS_WRITE)
async def show_price(
    product_id: UUID, price_id: UUID, shown: Shown, caller: CurrentCaller
) -> PriceView:
    """Show a listed price."""
    return await shown.one(caller, product_id, price_id)


@router.patch("/prices/{price_id}")
@requires_of_object(PRODUCTS_WRITE)
@idempotent
async def change_price(
    product_id: UUID,
    price_id: UUID,
    body: ChangePrice,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    prices: Service,
) -> PriceView:
    """Change a price that has not begun; of one in force, only when it ends (JSON Merge Patch)."""
    return await prices.change(caller, product_id, price_id, body, expected=expected)


@router.delete("/prices/{price_id}", status_code=204)
@requires_of_object(PRODUCTS_WRITE)
async def withdraw_price(
    product_id: UUID,
    price_id: UUID,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    prices: Service,
) -> None:
    """Take back a price that was never in force."""
    await prices.withdraw(caller, product_id, price_id, expected=expected)


@router.get("/price-changes")
@requires_of_object(PRODUCTS_WRITE)
async def list_price_changes(
    product_id: UUID, shown: Shown, caller: CurrentCaller, paging: Paging
) -> Listing[PriceChange]:
    """List who changed which price of a product when, the newest change first."""
    return paging.listing(await shown.changes(caller, product_id, paging.slice))
