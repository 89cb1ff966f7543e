"""Operations over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from modules.operations.application.queries import OperationView, ResultView
from modules.operations.application.service import OperationService, ShowOperations
from modules.operations.public import OPERATIONS_CANCEL, OPERATIONS_READ
from shared_kernel.adapters.http import (
    CurrentCaller,
    Listing,
    Paging,
    Router,
    requires_of_object,
    use,
)

router = Router(tags=["operations"])

Service = Annotated[OperationService, use(OperationService)]
Shown = Annotated[ShowOperations, use(ShowOperations)]


@router.get("")
@requires_of_object(OPERATIONS_READ)
async def list_operations(
    caller: CurrentCaller, shown: Shown, paging: Paging
) -> Listing[OperationView]:
    """List the caller's operations, and those of others they may see, the newest first."""
    return paging.listing(await shown.listed(caller, paging.slice))


@router.get("/{operation_id}")
@requires_of_object(OPERATIONS_READ)
async def show_operation(operation_id: UUID, caller: CurrentCaller, shown: Shown) -> OperationView:
    """Show how far an operation is, and what came of it. It is kept for 30 days by default."""
    return await shown.one(caller, operation_id)


@router.get("/{operation_id}/results")
@requires_of_object(OPERATIONS_READ)
async def list_operation_results(
    operation_id: UUID, caller: CurrentCaller, shown: Shown, paging: Paging
) -> Listing[ResultView]:
    """List what there is to say about single rows: what was refused, and what to know of others.

    Rows that were simply taken are counted in the operation's `result`. At most 100,000 are kept.
    """
    return paging.listing(await shown.results(caller, operation_id, paging.slice))


@router.post("/{operation_id}/cancel", status_code=202)
@requires_of_object(OPERATIONS_CANCEL)
async def cancel_operation(
    operation_id: UUID, caller: CurrentCaller, operations: Service, shown: Shown
) -> OperationView:
    """Ask for the end of an operation. It ends within seconds, unless it is done before."""
    await operations.cancel(caller, operation_id)
    return await shown.one(caller, operation_id)
