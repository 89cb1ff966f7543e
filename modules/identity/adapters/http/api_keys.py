"""The API keys of whoever is signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import Response

from modules.identity.adapters.http.answers import NO_STORE, members
from modules.identity.application.api_keys import (
    ApiKeyQueries,
    ApiKeyService,
    ApiKeyView,
    CreateApiKey,
    MadeSecret,
    RenameApiKey,
    RotateApiKey,
)
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    Listing,
    Located,
    Router,
    freshly_signed_in,
    idempotent,
    in_person,
    signed_in,
    use,
)

router = Router(tags=["identity"], prefix="/me/api-keys")

Keys = Annotated[ApiKeyService, use(ApiKeyService)]
Queries = Annotated[ApiKeyQueries, use(ApiKeyQueries)]


@dataclass(frozen=True, slots=True)
class NewApiKey(ApiKeyView):
    """A key with its secret, `key`, which is shown this once.

    It goes into `Authorization: Bearer ...`.
    """

    key: str = field(repr=False)


@router.get("")
@signed_in
async def list_my_api_keys(caller: CurrentCaller, queries: Queries) -> Listing[ApiKeyView]:
    """List your API keys, the newest first, expired ones included; there are never many."""
    return Listing([*await queries.api_keys(caller)], None)


@router.post("", status_code=201)
@freshly_signed_in
async def create_my_api_key(
    body: CreateApiKey,
    caller: CurrentCaller,
    response: Response,
    *,
    keys: Keys,
    queries: Queries,
    located: Located,
) -> NewApiKey:
    """Make a key that lets a program act as you, in what `scope` allows and you may do."""
    made = await keys.create(caller, body)
    located(made.id)
    return _shown(made, await queries.api_key(caller, made.id), response)


@router.get("/{key_id}")
@signed_in
async def show_my_api_key(key_id: UUID, caller: CurrentCaller, queries: Queries) -> ApiKeyView:
    """Show one of your API keys."""
    return await queries.api_key(caller, key_id)


@router.patch("/{key_id}")
@in_person
@idempotent
async def rename_my_api_key(
    key_id: UUID,
    body: RenameApiKey,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    keys: Keys,
    queries: Queries,
) -> ApiKeyView:
    """Give one of your API keys another name."""
    await keys.rename(caller, key_id, body, expected=expected)
    return await queries.api_key(caller, key_id)


@router.delete("/{key_id}", status_code=204)
@in_person
async def revoke_my_api_key(key_id: UUID, caller: CurrentCaller, keys: Keys) -> None:
    """Revoke a key: it is refused at once. Needs no `If-Match`: nothing may stand in its way."""
    await keys.revoke(caller, key_id)


@router.post("/{key_id}/rotate")
@freshly_signed_in
async def rotate_my_api_key(
    key_id: UUID,
    body: RotateApiKey,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    response: Response,
    *,
    keys: Keys,
    queries: Queries,
) -> NewApiKey:
    """Replace a key's secret. The old one works for `overlap_seconds` more."""
    made = await keys.rotate(caller, key_id, body, expected=expected)
    return _shown(made, await queries.api_key(caller, key_id), response)


def _shown(made: MadeSecret, key: ApiKeyView, response: Response) -> NewApiKey:
    response.headers.update(NO_STORE)
    return NewApiKey(**members(key), key=made.text)
