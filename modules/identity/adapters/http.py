"""The endpoints of identity."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request, Response

from modules.identity.application.closing import CloseAccount
from modules.identity.application.commands import CloseMyAccount, Refresh, Register, SignIn
from modules.identity.application.queries import IdentityQueries, SessionView
from modules.identity.application.registration import RegisterAccount
from modules.identity.application.sessions import SessionService
from modules.identity.application.sign_in import SignedIn, StartSession
from modules.identity.domain.account import EmailTaken
from modules.identity.domain.session import Device
from modules.identity.ports import PublicKeys
from modules.identity.public import AccountView
from shared_kernel.adapters.http import CurrentCaller, Listing, Router, public, signed_in, use
from shared_kernel.application import Clock, origin

router = Router(tags=["identity"])
root_router = Router(tags=["identity"])

Queries = Annotated[IdentityQueries, use(IdentityQueries)]
Sessions = Annotated[SessionService, use(SessionService)]

NO_STORE = {"Cache-Control": "no-store"}
KEYS_MAY_BE_KEPT = {"Cache-Control": "public, max-age=300"}
USER_AGENT_LENGTH, ADDRESS_LENGTH = 200, 45  # as much as is kept


@dataclass(frozen=True, slots=True)
class Accepted:
    """The request was taken. What came of it is told to the owner of the address alone."""

    status: Literal["accepted"] = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """`access_token` goes into `Authorization: Bearer ...` for `expires_in` seconds.

    `refresh_token` is exchanged for the next pair, once.
    """

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the type's name, no secret
    expires_in: int
    refresh_token: str


@dataclass(frozen=True, slots=True)
class KeySet:
    """Public keys (RFC 7517, section 5)."""

    keys: Sequence[Mapping[str, str]]


@router.post("/register", status_code=202)
@public
async def register(
    body: Register, open_account: Annotated[RegisterAccount, use(RegisterAccount)]
) -> Accepted:
    """Open an account. The answer is the same whether or not the address has one."""
    with contextlib.suppress(EmailTaken):
        await open_account(body.email, body.password)
    return Accepted()


@router.post("/login")
@public
async def login(
    body: SignIn,
    request: Request,
    response: Response,
    start_session: Annotated[StartSession, use(StartSession)],
) -> Tokens:
    """Sign in: get an access token, and a refresh token that keeps the session going."""
    signed = await start_session(body.email, body.password, _device(request))
    return _tokens(signed, response)


@router.post("/refresh")
@public
async def refresh(body: Refresh, response: Response, sessions: Sessions) -> Tokens:
    """Exchange a refresh token for the next pair. Using one twice ends the session."""
    return _tokens(await sessions.refresh(body.refresh_token), response)


@router.post("/logout", status_code=204)
@signed_in
async def logout(caller: CurrentCaller, sessions: Sessions) -> None:
    """End the session in use: its access and refresh tokens are refused from now on."""
    await sessions.sign_out(caller)


@router.get("/me")
@signed_in
async def show_me(caller: CurrentCaller, queries: Queries) -> AccountView:
    """Show the account you are signed in to."""
    return await queries.account(caller.id)


@router.delete("/me", status_code=204)
@signed_in
async def close_me(
    body: CloseMyAccount,
    caller: CurrentCaller,
    close_account: Annotated[CloseAccount, use(CloseAccount)],
) -> None:
    """Close the account for good, and end all its sessions. Asks for the password again."""
    await close_account(caller, body.password)


@router.get("/me/sessions")
@signed_in
async def list_my_sessions(
    caller: CurrentCaller, queries: Queries, clock: Annotated[Clock, use(Clock)]
) -> Listing[SessionView]:
    """List the devices you are signed in on, the newest first; there are never many."""
    return Listing([*await queries.sessions(caller, at=clock.now())], None)


@router.delete("/me/sessions", status_code=204)
@signed_in
async def end_my_other_sessions(caller: CurrentCaller, sessions: Sessions) -> None:
    """Sign out everywhere but here."""
    await sessions.end_others(caller)


@router.delete("/me/sessions/{session_id}", status_code=204)
@signed_in
async def end_my_session(session_id: UUID, caller: CurrentCaller, sessions: Sessions) -> None:
    """Sign out one device."""
    await sessions.end(caller, session_id)


@root_router.get("/.well-known/jwks.json")
@public
async def show_keys(response: Response, keys: Annotated[PublicKeys, use(PublicKeys)]) -> KeySet:
    """Show the public keys that verify our access tokens."""
    response.headers.update(KEYS_MAY_BE_KEPT)
    return KeySet(keys.published())


def _tokens(signed: SignedIn, response: Response) -> Tokens:
    response.headers.update(NO_STORE)
    return Tokens(
        access_token=signed.access.text,
        expires_in=signed.access.expires_in,
        refresh_token=signed.refresh_token,
    )


def _device(request: Request) -> Device:
    agent = request.headers.get("user-agent", "")
    shown = "".join(one for one in agent if one.isprintable())[:USER_AGENT_LENGTH]
    address = (origin.get().address or "")[:ADDRESS_LENGTH]
    return Device(address=address or None, user_agent=shown or None)
