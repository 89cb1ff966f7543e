"""The passkeys of an account: added, listed, renamed, removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import Response

from modules.identity.adapters.http.answers import NO_STORE, members
from modules.identity.adapters.http.webauthn import CreationOptions, RegistrationResponse
from modules.identity.application.passkeys import (
    Name,
    PasskeyQueries,
    PasskeyService,
    PasskeyView,
    RenamePasskey,
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
from shared_kernel.application import Command

router = Router(tags=["identity"], prefix="/me/passkeys")

Passkeys = Annotated[PasskeyService, use(PasskeyService)]
Queries = Annotated[PasskeyQueries, use(PasskeyQueries)]


class AddPasskey(Command):
    """A passkey that a browser made: `credential` is what its `toJSON` returns."""

    name: Name
    credential: RegistrationResponse = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewPasskey(PasskeyView):
    """The passkey, and recovery codes that are shown this once; none where there are some."""

    recovery_codes: Sequence[str] = field(repr=False)


@router.post("/options")
@freshly_signed_in
async def offer_my_passkey(
    caller: CurrentCaller, response: Response, passkeys: Passkeys
) -> CreationOptions:
    """Begin to add a passkey: get what `navigator.credentials.create` makes it by.

    `PublicKeyCredential.parseCreationOptionsFromJSON` reads the answer, which is good for five
    minutes. The address of the account has to be verified.
    """
    response.headers.update(NO_STORE)
    return CreationOptions.model_validate(await passkeys.offer(caller))


@router.post("", status_code=201)
@freshly_signed_in
async def add_my_passkey(
    body: AddPasskey,
    caller: CurrentCaller,
    response: Response,
    *,
    passkeys: Passkeys,
    queries: Queries,
    located: Located,
) -> NewPasskey:
    """Let a passkey open your account from now on, by itself or after the password.

    It protects the account, too: the password alone is no longer enough. Recovery codes come with
    the first second factor.
    """
    made = body.credential.as_made()
    passkey_id, codes = await passkeys.add(caller, body.name, made)
    located(passkey_id)
    response.headers.update(NO_STORE)
    view = await queries.passkey(caller, passkey_id)
    return NewPasskey(**members(view), recovery_codes=[one.text for one in codes])


@router.get("")
@signed_in
async def list_my_passkeys(caller: CurrentCaller, queries: Queries) -> Listing[PasskeyView]:
    """List your passkeys, the oldest first; there are never many."""
    return Listing([*await queries.passkeys(caller)], None)


@router.get("/{passkey_id}")
@signed_in
async def show_my_passkey(passkey_id: UUID, caller: CurrentCaller, queries: Queries) -> PasskeyView:
    """Show one of your passkeys."""
    return await queries.passkey(caller, passkey_id)


@router.patch("/{passkey_id}")
@in_person
@idempotent
async def rename_my_passkey(
    passkey_id: UUID,
    body: RenamePasskey,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    passkeys: Passkeys,
    queries: Queries,
) -> PasskeyView:
    """Give one of your passkeys another name."""
    await passkeys.rename(caller, passkey_id, body.name, expected=expected)
    return await queries.passkey(caller, passkey_id)


@router.delete("/{passkey_id}", status_code=204)
@freshly_signed_in
async def remove_my_passkey(passkey_id: UUID, caller: CurrentCaller, passkeys: Passkeys) -> None:
    """Remove a passkey: it opens nothing from now on. The last way in cannot be removed.

    Needs no `If-Match`: nothing may stand in its way.
    """
    await passkeys.remove(caller, passkey_id)
