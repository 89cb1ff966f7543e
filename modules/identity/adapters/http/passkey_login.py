"""Passkeys in use: signing in, the second step of a sign-in, proving again who one is."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from fastapi import Request, Response

from modules.identity.adapters.http.answers import (
    NO_STORE,
    CookieKept,
    Mode,
    Tokens,
    device_of,
    signed_in_with,
)
from modules.identity.adapters.http.webauthn import AuthenticationResponse, RequestOptions
from modules.identity.application.passkey_use import (
    AskPasskey,
    FinishWithPasskey,
    SignInWithPasskey,
)
from modules.identity.application.second_factor import PendingText
from shared_kernel.adapters.http import CurrentCaller, Router, in_person, public, use
from shared_kernel.application import Command

router = Router(tags=["identity"])

Ask = Annotated[AskPasskey, use(AskPasskey)]
Finish = Annotated[FinishWithPasskey, use(FinishWithPasskey)]


class ShowPasskey(Command):
    """`credential` is what the `toJSON` of the browser's answer returns."""

    credential: AuthenticationResponse = field(repr=False)


class AskToFinish(Command):
    """The token of the sign-in that waits."""

    pending_token: PendingText = field(repr=False)


class FinishByPasskey(Command):
    """The token of the sign-in that waits, and what a passkey answered."""

    pending_token: PendingText = field(repr=False)
    credential: AuthenticationResponse = field(repr=False)


@router.post("/login/passkey/options")
@public
async def ask_passkey(response: Response, ask: Ask) -> RequestOptions:
    """Begin to sign in with a passkey: get what `navigator.credentials.get` asks it by.

    Nobody is named: the browser offers the passkeys it has. Good for five minutes, once;
    `PublicKeyCredential.parseRequestOptionsFromJSON` reads the answer.
    """
    response.headers.update(NO_STORE)
    return RequestOptions.model_validate(await ask.to_sign_in())


@router.post("/login/passkey")
@public
async def login_with_passkey(
    body: ShowPasskey,
    request: Request,
    response: Response,
    sign_in: Annotated[SignInWithPasskey, use(SignInWithPasskey)],
    mode: Mode = "token",
) -> Tokens | CookieKept:
    """Sign in with a passkey. It counts as two factors: no other is asked for.

    `mode` is as with a password.
    """
    device = device_of(request, mode)
    return signed_in_with(await sign_in(body.credential.as_shown(), device), response)


@router.post("/login/second-factor/passkey/options")
@public
async def ask_passkey_to_finish_login(
    body: AskToFinish, response: Response, ask: Ask
) -> RequestOptions:
    """Get what a passkey of the account is asked by, to finish a sign-in that waits."""
    response.headers.update(NO_STORE)
    return RequestOptions.model_validate(await ask.to_finish(body.pending_token))


@router.post("/login/second-factor/passkey")
@public
async def finish_login_with_passkey(
    body: FinishByPasskey,
    request: Request,
    *,
    response: Response,
    finish: Finish,
    mode: Mode = "token",
) -> Tokens | CookieKept:
    """Finish a sign-in with a passkey of the account. `mode` is as at the first step."""
    device = device_of(request, mode)
    shown = body.credential.as_shown()
    return signed_in_with(await finish.sign_in(body.pending_token, shown, device), response)


@router.post("/me/reauthenticate/passkey/options")
@in_person
async def ask_passkey_to_reauthenticate(
    caller: CurrentCaller, response: Response, ask: Ask
) -> RequestOptions:
    """Get what a passkey of yours is asked by, to prove once more who you are."""
    response.headers.update(NO_STORE)
    return RequestOptions.model_validate(await ask.to_step_up(caller))


@router.post("/me/reauthenticate/passkey")
@in_person
async def reauthenticate_with_passkey(
    body: ShowPasskey, caller: CurrentCaller, *, response: Response, finish: Finish
) -> Tokens | CookieKept:
    """Prove once more who you are, by a passkey. Use the tokens of this answer from now on."""
    return signed_in_with(await finish.step_up(caller, body.credential.as_shown()), response)
