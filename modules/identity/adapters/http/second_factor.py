"""The second step of a sign-in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response

from modules.identity.adapters.http.answers import (
    CookieKept,
    Mode,
    Tokens,
    device_of,
    signed_in_with,
)
from modules.identity.application.second_factor import Codes, FinishSignIn, FinishWithCode
from shared_kernel.adapters.http import Router, public, use

router = Router(tags=["identity"])


@router.post("/login/second-factor")
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
