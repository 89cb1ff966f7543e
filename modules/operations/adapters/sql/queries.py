"""Reads operations as frozen views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from modules.operations.adapters.sql.tables import operations, results
from modules.operations.application.queries import Failure, OperationView, Progress, ResultView
from modules.operations.domain import NoSuchOperation, State
from shared_kernel.adapters.sql import Columns, Database, Listing, Query
from shared_kernel.application import Page, Slice
from shared_kernel.application.conditions import Condition

c, r = operations.c, results.c


def _view(  # noqa: PLR0917 - the columns shown, in their order
    id: UUID,
    kind: str,
    account_id: UUID,
    state: State,
    cancelling: bool,
    created_at: datetime,
    finished_at: datetime | None,
    started_at: datetime | None,
    done: int,
    total: int | None,
    result: Mapping[str, Any] | None,
    error_code: str | None,
    error_message: str | None,
) -> OperationView:
    return OperationView(
        id=id,
        kind=kind,
        account_id=account_id,
        state=state,
        progress=Progress(done, total),
        cancelling=cancelling,
        created_at=created_at,
        started_at=started_at,
        finished_at=finished_at,
        result=result,
        error=None if error_code is None else Failure(error_code, error_message or ""),
    )


SHOWN = select(
    c.id,
    c.kind,
    c.account_id,
    c.state,
    c.cancelling,
    c.created_at,
    c.finished_at,
    c.started_at,
    c.done,
    c.total,
    c.result,
    c.error_code,
    c.error_message,
)

ATTRIBUTES: Columns = {
    "resource.id": c.id,
    "resource.account_id": c.account_id,
    "resource.kind": c.kind,
    "resource.state": c.state,
    "resource.created_at": c.created_at,
}

ONE = Query(SHOWN.where(c.id == bindparam("id")), _view)
LIST = Listing(
    SHOWN, _view, id=c.id, filters={}, sorts={"created_at": c.created_at}, columns=ATTRIBUTES
)
RESULTS = Listing(
    select(r.row, r.line, r.severity, r.code, r.message, r.pointer),
    ResultView,
    id=r.id,
    filters={"operation_id": r.operation_id == bindparam("operation_id")},
    sorts={"id": r.id},
)


@dataclass(frozen=True, slots=True)
class SqlOperationQueries:
    """Reads operations on the read pool."""

    database: Database

    async def operation(self, operation_id: UUID) -> OperationView:
        view = await ONE.first(self.database.reads, id=operation_id)
        if view is None:
            raise NoSuchOperation("there is no such operation")
        return view

    async def operations(self, part: Slice, *, within: Condition) -> Page[OperationView]:
        return await LIST.page(self.database.reads, {}, "-created_at", part, within=within)

    async def results(self, operation_id: UUID, part: Slice) -> Page[ResultView]:
        where = {"operation_id": operation_id}
        return await RESULTS.page(self.database.reads, where, "id", part)
