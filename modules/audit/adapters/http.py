"""The audit log over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime

from modules.audit.application import AuditEventView, AuditFilter, AuditQueries
from modules.audit.public import EVENTS_READ
from shared_kernel.adapters.http import Listing, Paging, Router, requires, use
from shared_kernel.application import Outcome

router = Router(tags=["audit"])

Queries = Annotated[AuditQueries, use(AuditQueries)]
Action = Annotated[
    str | None,
    Query(max_length=200, pattern=r"^[A-Za-z0-9_.]+$", description="`module.what_happened`"),
]
Since = Annotated[
    AwareDatetime | None, Query(alias="occurred_at.gte", description="At this moment or later.")
]
Until = Annotated[
    AwareDatetime | None, Query(alias="occurred_at.lt", description="Before this moment.")
]


@router.get("/events")
@requires(EVENTS_READ)
async def list_events(
    queries: Queries,
    paging: Paging,
    *,
    actor_id: UUID | None = None,
    subject_id: UUID | None = None,
    action: Action = None,
    outcome: Outcome | None = None,
    since: Since = None,
    until: Until = None,
) -> Listing[AuditEventView]:
    """List who did what, newest first."""
    where = AuditFilter(
        actor_id=actor_id,
        subject_id=subject_id,
        action=action,
        outcome=outcome,
        since=since,
        until=until,
    )
    return paging.listing(await queries.events(where, paging.slice))
