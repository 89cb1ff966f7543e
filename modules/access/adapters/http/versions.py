"""Versions of roles and policies over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from modules.access.adapters.http.types import Queries
from modules.access.application.administering.versions import RestoreVersion, RulebookService
from modules.access.application.queries import RulebookView, VersionView
from modules.access.application.rulebook.revising import Revision
from modules.access.public import READ_POLICIES, WRITE_POLICIES
from shared_kernel.adapters.http import (
    CurrentCaller,
    Listing,
    Paging,
    Router,
    idempotent,
    requires,
    use,
)

router = Router(tags=["access"])

Rulebooks = Annotated[RulebookService, use(RulebookService)]
Version = Annotated[int, Path(ge=1, le=2**53 - 1)]


@router.get("/versions")
@requires(READ_POLICIES)
async def list_versions(queries: Queries, paging: Paging) -> Listing[VersionView]:
    """List the changes of roles and policies, newest first: by whom, when and why."""
    return paging.listing(await queries.versions(paging.slice))


@router.get("/versions/{version}")
@requires(READ_POLICIES)
async def get_version(version: Version, queries: Queries) -> RulebookView:
    """Show all roles and policies as they stood from this version on."""
    return await queries.version(version)


@router.post("/versions/{version}/restore", status_code=204)
@requires(WRITE_POLICIES)
@idempotent
async def restore_version(
    version: Version, wanted: RestoreVersion, caller: CurrentCaller, rulebooks: Rulebooks
) -> None:
    """Put the roles and policies of an earlier version in force again, as a new version.

    It is checked like any other change: where roles change, you must be allowed to write these;
    what anybody gains or loses, you must hold yourself.
    """
    revision = Revision(author=caller, reason=wanted.reason, force=wanted.force)
    await rulebooks.restore(version, revision)
