"""Reservations over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from modules.catalog.application.stock.reserving import ReservationService, Reserve
from modules.catalog.application.stock.showing import ReservationView, ShowStock
from modules.catalog.domain.reservations import ReservationState
from modules.catalog.public import PRODUCTS_RESERVE, PRODUCTS_STOCK
from shared_kernel.adapters.http import (
    CurrentCaller,
    Listing,
    Located,
    Paging,
    Router,
    idempotent,
    requires_of_object,
    use,
)

router = Router(
    tags=["catalog"], prefix="/products/{product_id}/variants/{variant_id}/reservations"
)

Service = Annotated[ReservationService, use(ReservationService)]
Shown = Annotated[ShowStock, use(ShowStock)]


@router.get("")
@requires_of_object(PRODUCTS_STOCK)
async def list_reservations(
    product_id: UUID,
    variant_id: UUID,
    shown: Shown,
    caller: CurrentCaller,
    paging: Paging,
    *,
    state: ReservationState | None = None,
) -> Listing[ReservationView]:
    """List what is set aside of a variant, and what was in the last 30 days, the newest first."""
    return paging.listing(
        await shown.reservations(caller, product_id, variant_id, state, paging.slice)
    )


@router.post("", status_code=201)
@requires_of_object(PRODUCTS_RESERVE)
@idempotent
async def reserve_stock(
    product_id: UUID,
    variant_id: UUID,
    body: Reserve,
    caller: CurrentCaller,
    reservations: Service,
    *,
    located: Located,
) -> ReservationView:
    """Set aside so many of a published product's variant. Nobody else gets them meanwhile."""
    view = await reservations.reserve(caller, product_id, variant_id, body)
    located(view.id)
    return view


@router.get("/{reservation_id}")
@requires_of_object(PRODUCTS_RESERVE)
async def show_reservation(
    product_id: UUID, variant_id: UUID, reservation_id: UUID, shown: Shown, caller: CurrentCaller
) -> ReservationView:
    """Show a reservation."""
    return await shown.reservation(caller, product_id, variant_id, reservation_id)


@router.post("/{reservation_id}/commit")
@requires_of_object(PRODUCTS_RESERVE)
@idempotent
async def commit_reservation(
    product_id: UUID,
    variant_id: UUID,
    reservation_id: UUID,
    caller: CurrentCaller,
    reservations: Service,
) -> ReservationView:
    """Take what was set aside: it is sold. To do so again changes nothing."""
    return await reservations.commit(caller, product_id, variant_id, reservation_id)


@router.post("/{reservation_id}/release")
@requires_of_object(PRODUCTS_RESERVE)
@idempotent
async def release_reservation(
    product_id: UUID,
    variant_id: UUID,
    reservation_id: UUID,
    caller: CurrentCaller,
    reservations: Service,
) -> ReservationView:
    """Give back what was set aside. To do so again changes nothing."""
    return await reservations.release(caller, product_id, variant_id, reservation_id)
