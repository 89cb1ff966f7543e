"""Grants on single objects over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from modules.access.adapters.http.types import Queries
from modules.access.application.administering.grants import GrantService, ShareObject
from modules.access.application.queries import GrantView
from shared_kernel.adapters.http import (
    CurrentCaller,
    Listing,
    Located,
    Paging,
    Router,
    idempotent,
    signed_in,
    use,
)

router = Router(tags=["access"])

Grants = Annotated[GrantService, use(GrantService)]

ResourceName = Annotated[str, Query(min_length=1, max_length=100, description="`catalog.products`")]


@router.get("/grants")
@signed_in
async def list_grants(
    resource: ResourceName, object_id: UUID, caller: CurrentCaller, grants: Grants, paging: Paging
) -> Listing[GrantView]:
    """List with whom one object is shared, for who may share it."""
    page = await grants.of_object(caller, resource, object_id, paging.slice)
    return paging.listing(page)


@router.get("/grants/mine")
@signed_in
async def list_grants_to_me(
    caller: CurrentCaller, queries: Queries, paging: Paging
) -> Listing[GrantView]:
    """List what is shared with you, oldest first."""
    return paging.listing(await queries.grants_to(caller.id, paging.slice))


@router.post("/grants", status_code=201)
@signed_in
@idempotent
async def share_object(
    wanted: ShareObject, caller: CurrentCaller, grants: Grants, queries: Queries, located: Located
) -> GrantView:
    """Share one object with one account or role.

    You must be allowed to share it, and to do yourself what you let others do. If it is shared in
    this way already, that ends when this says, or never.
    """
    grant_id = await grants.share(caller, wanted)
    located(grant_id)
    return await queries.grant(grant_id)


@router.get("/grants/{grant_id}")
@signed_in
async def get_grant(grant_id: UUID, caller: CurrentCaller, grants: Grants) -> GrantView:
    """Show one grant, if you may share the object or were given it."""
    return await grants.show(caller, grant_id)


@router.delete("/grants/{grant_id}", status_code=204)
@signed_in
async def unshare_object(grant_id: UUID, caller: CurrentCaller, grants: Grants) -> None:
    """Take a right on one object back, or give up your own."""
    await grants.withdraw(caller, grant_id)
