"""Second factors: the second step of a sign-in, proving again who one is."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response

from modules.identity.adapters.http.answers import (
    PROBLEM,
    CookieKept,
    Mode,
    Tokens,
    device_of,
    signed_in_with,
)
from modules.identity.application.codes import Codes
from modules.identity.application.second_factor import FinishSignIn, FinishWithCode
from modules.identity.application.step_up import ProveCode, ProvePassword, Reauthenticate
from shared_kernel.adapters.http import CurrentCaller, Router, in_person, public, use

router = Router(tags=["identity"])


@router.post(
    "/login/second-factor",
    responses={
        401: {"description": "The sign-in is over; begin again.", "content": PROBLEM},
        403: {"description": "The code is wrong or was used before.", "content": PROBLEM},
    },
)
@public
async def finish_login(
    body: FinishWithCode,
    request: Request,
    *,
    response: Response,
    finish: Annotated[FinishSignIn, use(FinishSignIn)],
    codes: Annotated[Codes, use(Codes)],
    mode: Mode = "token",
) -> Tokens | CookieKept:
    """Finish a sign-in with a code of your authenticator app, or with a recovery code.

    `mode` is as at the first step. After five attempts, or ten minutes, begin again.
    """
    device = device_of(request, mode)
    signed = await finish(body.pending_token, codes.shown(body.code), device)
    return signed_in_with(signed, response)


@router.post("/me/reauthenticate")
@in_person
async def reauthenticate(
    body: ProvePassword | ProveCode,
    caller: CurrentCaller,
    *,
    response: Response,
    prove: Annotated[Reauthenticate, use(Reauthenticate)],
    codes: Annotated[Codes, use(Codes)],
) -> Tokens | CookieKept:
    """Prove once more who you are, for what needs a sign-in of the last ten minutes.

    By your password, or by a code where a second factor protects your account: then the password
    alone is not enough. Who has neither signs in again. Use the tokens of this answer from now
    on: the refresh token, or the cookie, from before is dead, and access tokens from before stay
    as stale as they were.
    """
    if isinstance(body, ProvePassword):
        signed = await prove.with_password(caller, body.password)
    else:
        signed = await prove.with_factor(caller, codes.shown(body.code))
    return signed_in_with(signed, response)
