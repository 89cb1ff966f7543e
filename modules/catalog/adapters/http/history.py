"""What became of a product, over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from modules.catalog.application.history import HistoryEntry, ShowHistory
from modules.catalog.public import PRODUCTS_WRITE
from shared_kernel.adapters.http import (
    CurrentCaller,
    Listing,
    Paging,
    Router,
    requires_of_object,
    use,
)

router = Router(tags=["catalog"], prefix="/products/{product_id}/history")


@router.get("")
@requires_of_object(PRODUCTS_WRITE)
async def list_history(
    product_id: UUID,
    caller: CurrentCaller,
    paging: Paging,
    shown: Annotated[ShowHistory, use(ShowHistory)],
) -> Listing[HistoryEntry]:
    """Tell who changed what of a product, and when; the last change first.

    What was taken in from a file has no entry of its beginning, only of what changed since.
    """
    return paging.listing(await shown(caller, product_id, paging.slice))
