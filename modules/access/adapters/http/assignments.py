"""Assignments over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from modules.access.adapters.http.types import ForceParameter, Queries
from modules.access.application.administering.assignments import AssignmentService, AssignRole
from modules.access.application.queries import AssignmentView
from modules.access.domain import ROLE_NAME
from modules.access.public import READ_ASSIGNMENTS, WRITE_ASSIGNMENTS
from shared_kernel.adapters.http import (
    CurrentCaller,
    Listing,
    Located,
    Paging,
    Router,
    idempotent,
    requires,
    use,
)
from shared_kernel.domain import AccountId

router = Router(tags=["access"])

Assignments = Annotated[AssignmentService, use(AssignmentService)]

RoleFilter = Annotated[
    str | None, Query(max_length=40, pattern=ROLE_NAME, description="A role's name.")
]
ScopeFilter = Annotated[
    str | None, Query(max_length=200, description="A scope; empty for what counts everywhere.")
]


@router.get("/assignments")
@requires(READ_ASSIGNMENTS)
async def list_assignments(
    queries: Queries,
    paging: Paging,
    account_id: UUID | None = None,
    role: RoleFilter = None,
    scope: ScopeFilter = None,
) -> Listing[AssignmentView]:
    """List who holds which role, oldest assignment first.

    What has expired counts no more, and goes within the hour.
    """
    account = None if account_id is None else AccountId(account_id)
    page = await queries.assignments(account, role, paging.slice, scope=scope)
    return paging.listing(page)


@router.post("/assignments", status_code=201)
@requires(WRITE_ASSIGNMENTS)
@idempotent
async def assign_role(
    wanted: AssignRole,
    caller: CurrentCaller,
    assignments: Assignments,
    queries: Queries,
    located: Located,
) -> AssignmentView:
    """Give an account a role whose permissions you all hold: everywhere, or within a scope.

    If it holds the role there already, that assignment expires when this says, or never.
    """
    assignment_id = await assignments.assign(caller, wanted)
    located(assignment_id)
    return await queries.assignment(assignment_id)


@router.get("/assignments/{assignment_id}")
@requires(READ_ASSIGNMENTS)
async def get_assignment(assignment_id: UUID, queries: Queries) -> AssignmentView:
    """Show one assignment."""
    return await queries.assignment(assignment_id)


@router.delete("/assignments/{assignment_id}", status_code=204)
@requires(WRITE_ASSIGNMENTS)
async def withdraw_role(
    assignment_id: UUID,
    caller: CurrentCaller,
    assignments: Assignments,
    force: ForceParameter = False,
) -> None:
    """Take a role from an account. The last administrator stays one.

    A role of your own without which you could not get it back goes with `force` alone.
    """
    await assignments.withdraw(caller, assignment_id, force=force)
