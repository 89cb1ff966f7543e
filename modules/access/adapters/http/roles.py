"""Roles over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from modules.access.adapters.http.types import ForceParameter, Queries, ReasonParameter
from modules.access.application.administering.roles import ChangeRole, CreateRole, RoleService
from modules.access.application.queries import RoleView
from modules.access.public import READ_ROLES, WRITE_ROLES
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    Listing,
    Located,
    Paging,
    Router,
    idempotent,
    requires,
    use,
)

router = Router(tags=["access"])

Roles = Annotated[RoleService, use(RoleService)]


@router.get("/roles")
@requires(READ_ROLES)
async def list_roles(queries: Queries, paging: Paging) -> Listing[RoleView]:
    """List the roles by name."""
    return paging.listing(await queries.roles(paging.slice))


@router.post("/roles", status_code=201)
@requires(WRITE_ROLES)
@idempotent
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
    """Show one role, with what it inherits."""
    return await queries.role(role_id)


@router.patch("/roles/{role_id}")
@requires(WRITE_ROLES)
@idempotent
async def change_role(
    role_id: UUID,
    wanted: ChangeRole,
    *,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    roles: Roles,
    queries: Queries,
) -> RoleView:
    """Change what a role holds, from which roles it inherits, or whether it needs a second factor.

    Permissions that anybody gains or loses by it you must hold yourself. Who holds the role proves
    a second factor before requiring it (409). A change you could not take back is refused (409)
    without `force`.
    """
    await roles.alter(caller, role_id, expected, wanted)
    return await queries.role(role_id)


@router.delete("/roles/{role_id}", status_code=204)
@requires(WRITE_ROLES)
async def delete_role(
    role_id: UUID,
    *,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    roles: Roles,
    reason: ReasonParameter = None,
    force: ForceParameter = False,
) -> None:
    """Delete a role that nobody holds or inherits from, and that no policy names.

    Roles that come with the system stay.
    """
    await roles.delete(caller, role_id, expected, reason=reason, force=force)
