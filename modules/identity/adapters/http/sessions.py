"""Signing in and out, and the sessions in between."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request, Response

from modules.identity.adapters.http.answers import (
    PROBLEM,
    WAITING,
    CookieKept,
    Mode,
    Tokens,
    admitted,
    device_of,
    tokens,
)
from modules.identity.application.commands import NameSession, Refresh, SignIn
from modules.identity.application.queries import IdentityQueries, SessionView
from modules.identity.application.sessions import SessionService
from modules.identity.application.sign_in import SignInWithPassword
from shared_kernel.adapters.http import (
    SESSION_COOKIE,
    CurrentCaller,
    Listing,
    Router,
    forget_cookie,
    idempotent,
    in_person,
    public,
    signed_in,
    use,
)
from shared_kernel.application import Clock, Means

router = Router(tags=["identity"])

Sessions = Annotated[SessionService, use(SessionService)]


@router.post(
    "/login",
    response_model=Tokens | CookieKept,
    responses={
        **WAITING,
        401: {"description": "Address and password do not belong together.", "content": PROBLEM},
    },
)
@public
async def login(
    body: SignIn,
    request: Request,
    response: Response,
    sign_in: Annotated[SignInWithPassword, use(SignInWithPassword)],
    mode: Mode = "token",
) -> object:
    """Sign in: get an access token, and a refresh token that keeps the session going.

    With `mode=cookie` a browser gets a cookie instead, which scripts cannot read. An account with
    a second factor gets 202 and a token to go on with.
    """
    device = device_of(request, mode, body.device_token)
    outcome = await sign_in(body.email, body.password, device)
    return admitted(outcome, response)


@router.post("/refresh")
@public
async def refresh(body: Refresh, response: Response, sessions: Sessions) -> Tokens:
    """Exchange a refresh token for the next pair. Using one twice ends the session."""
    return tokens(await sessions.refresh(body.refresh_token), response)


@router.post("/logout", status_code=204)
@signed_in
async def logout(caller: CurrentCaller, response: Response, sessions: Sessions) -> None:
    """End the session in use: its tokens, or its cookie, are refused from now on."""
    await sessions.sign_out(caller)
    if caller.means is Means.COOKIE:
        forget_cookie(response, SESSION_COOKIE)


@router.get("/me/sessions")
@signed_in
async def list_my_sessions(
    caller: CurrentCaller,
    queries: Annotated[IdentityQueries, use(IdentityQueries)],
    clock: Annotated[Clock, use(Clock)],
) -> Listing[SessionView]:
    """List the devices you are signed in on, the newest first; there are never many."""
    return Listing([*await queries.sessions(caller, at=clock.now())], None)


@router.delete("/me/sessions", status_code=204)
@in_person
async def end_my_other_sessions(caller: CurrentCaller, sessions: Sessions) -> None:
    """Sign out everywhere but here."""
    await sessions.end_others(caller)


@router.delete("/me/sessions/{session_id}", status_code=204)
@in_person
async def end_my_session(session_id: UUID, caller: CurrentCaller, sessions: Sessions) -> None:
    """Sign out one device."""
    await sessions.end(caller, session_id)


@router.patch("/me/sessions/{session_id}", status_code=204)
@in_person
@idempotent
async def name_my_session(
    session_id: UUID, body: NameSession, caller: CurrentCaller, sessions: Sessions
) -> None:
    """Give a session a name you recognise the device by; null takes it away."""
    await sessions.rename(caller, session_id, body.name)
