"""Roles, assignments and permissions over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from annotated_types import MaxLen, MinLen
from fastapi import Query

from modules.access.application.assignments import AssignmentService, AssignRole
from modules.access.application.queries import AccessQueries, AssignmentView, RoleView
from modules.access.application.roles import ChangeRole, CreateRole, RoleService
from modules.access.domain import ROLE_NAME
from modules.access.public import (
    READ_ASSIGNMENTS,
    READ_ROLES,
    WRITE_ASSIGNMENTS,
    WRITE_ROLES,
)
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    Listing,
    Located,
    Paging,
    Router,
    requires,
    signed_in,
    use,
)
from shared_kernel.application import Authorizer, Command, PermissionCatalogue
from shared_kernel.domain import AccountId, Permission

router = Router(tags=["access"])

Roles = Annotated[RoleService, use(RoleService)]
Assignments = Annotated[AssignmentService, use(AssignmentService)]
Queries = Annotated[AccessQueries, use(AccessQueries)]
Catalogue = Annotated[PermissionCatalogue, use(PermissionCatalogue)]
Decisions = Annotated[Authorizer, use(Authorizer)]

RoleFilter = Annotated[
    str | None, Query(max_length=40, pattern=ROLE_NAME, description="A role's name.")
]


class Check(Command):
    """A permission to ask about."""

    permission: Annotated[str, MinLen(1), MaxLen(100)]


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the caller holds the permission."""

    allowed: bool


@router.get("/permissions")
@requires(READ_ROLES)
async def list_permissions(catalogue: Catalogue) -> Listing[Permission]:
    """List every permission the modules declare: what roles can be made of."""
    return Listing(sorted(catalogue.permissions, key=lambda one: one.name), None)


@router.get("/roles")
@requires(READ_ROLES)
async def list_roles(queries: Queries, paging: Paging) -> Listing[RoleView]:
    """List the roles by name."""
    return paging.listing(await queries.roles(paging.slice))


@router.post("/roles", status_code=201)
@requires(WRITE_ROLES)
async def create_role(
    wanted: CreateRole, caller: CurrentCaller, roles: Roles, queries: Queries, located: Located
) -> RoleView:
    """Make a role. You can only put in permissions that you hold yourself."""
    role_id = await roles.create(caller, wanted)
    located(role_id)
    return await queries.role(role_id)


@router.get("/roles/{role_id}")
@requires(READ_ROLES)
async def get_role(role_id: UUID, queries: Queries) -> RoleView:
    """Show one role."""
    return await queries.role(role_id)


@router.patch("/roles/{role_id}")
@requires(WRITE_ROLES)
async def change_role(
    role_id: UUID,
    wanted: ChangeRole,
    *,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    roles: Roles,
    queries: Queries,
) -> RoleView:
    """Change the permissions of a role, or whether it counts without a second factor.

    Permissions you add or take away you must hold yourself; to change what the role requires, all
    it holds. Who holds the role proves a second factor before requiring it (409).
    """
    await roles.alter(caller, role_id, expected, wanted)
    return await queries.role(role_id)


@router.delete("/roles/{role_id}", status_code=204)
@requires(WRITE_ROLES)
async def delete_role(
    role_id: UUID, expected: ExpectedVersion, caller: CurrentCaller, roles: Roles
) -> None:
    """Delete a role that nobody holds. Roles that come with the system stay."""
    await roles.delete(caller, role_id, expected)


@router.get("/assignments")
@requires(READ_ASSIGNMENTS)
async def list_assignments(
    queries: Queries, paging: Paging, account_id: UUID | None = None, role: RoleFilter = None
) -> Listing[AssignmentView]:
    """List who holds which role, oldest assignment first."""
    account = None if account_id is None else AccountId(account_id)
    return paging.listing(await queries.assignments(account, role, paging.slice))


@router.post("/assignments", status_code=201)
@requires(WRITE_ASSIGNMENTS)
async def assign_role(
    wanted: AssignRole,
    caller: CurrentCaller,
    assignments: Assignments,
    queries: Queries,
    located: Located,
) -> AssignmentView:
    """Give an account a role whose permissions you all hold. Repeating it changes nothing."""
    assignment_id = await assignments.assign(caller, wanted)
    located(assignment_id)
    return await queries.assignment(assignment_id)


@router.delete("/assignments/{assignment_id}", status_code=204)
@requires(WRITE_ASSIGNMENTS)
async def withdraw_role(
    assignment_id: UUID, caller: CurrentCaller, assignments: Assignments
) -> None:
    """Take a role from an account. The last administrator stays one."""
    await assignments.withdraw(caller, assignment_id)


@router.post("/check")
@signed_in
async def check_permission(wanted: Check, caller: CurrentCaller, decisions: Decisions) -> Decision:
    """Say whether you hold a permission. A name that no module declares is held by nobody."""
    return Decision(decisions.permits(caller, wanted.permission))
