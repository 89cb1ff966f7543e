"""Policies over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from modules.access.adapters.http.types import ForceParameter, Queries, ReasonParameter
from modules.access.application.administering.policies import (
    AlterPolicy,
    CreatePolicy,
    PolicyService,
)
from modules.access.application.queries import PolicyView
from modules.access.public import READ_POLICIES, WRITE_POLICIES
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

Policies = Annotated[PolicyService, use(PolicyService)]


@router.get("/policies")
@requires(READ_POLICIES)
async def list_policies(queries: Queries, paging: Paging) -> Listing[PolicyView]:
    """List the policies by name."""
    return paging.listing(await queries.policies(paging.slice))


@router.post("/policies", status_code=201)
@requires(WRITE_POLICIES)
@idempotent
async def create_policy(
    wanted: CreatePolicy,
    caller: CurrentCaller,
    policies: Policies,
    queries: Queries,
    located: Located,
) -> PolicyView:
    """Make a policy. You can only speak of permissions that you hold yourself.

    Its condition may read the attributes that all its permissions have in common: those of the
    caller and of the environment, and those of the resource on whose objects they are actions.
    """
    policy_id = await policies.create(caller, wanted)
    located(policy_id)
    return await queries.policy(policy_id)


@router.get("/policies/{policy_id}")
@requires(READ_POLICIES)
async def get_policy(policy_id: UUID, queries: Queries) -> PolicyView:
    """Show one policy."""
    return await queries.policy(policy_id)


@router.patch("/policies/{policy_id}")
@requires(WRITE_POLICIES)
@idempotent
async def change_policy(
    policy_id: UUID,
    wanted: AlterPolicy,
    *,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    policies: Policies,
    queries: Queries,
) -> PolicyView:
    """Change a policy. A change you could not take back is refused (409) without `force`."""
    await policies.alter(caller, policy_id, expected, wanted)
    return await queries.policy(policy_id)


@router.delete("/policies/{policy_id}", status_code=204)
@requires(WRITE_POLICIES)
async def delete_policy(
    policy_id: UUID,
    *,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    policies: Policies,
    reason: ReasonParameter = None,
    force: ForceParameter = False,
) -> None:
    """Delete a policy. What it allowed or denied you must hold yourself."""
    await policies.delete(caller, policy_id, expected, reason=reason, force=force)
