"""Registering, and what is done by mail. Every answer is the same for every address."""

from __future__ import annotations

from typing import Annotated

from modules.identity.adapters.http.answers import Accepted
from modules.identity.application.commands import (
    AskByMail,
    OpenLink,
    Register,
    ResetForgottenPassword,
)
from modules.identity.application.links import AskForLink
from modules.identity.application.recovery import (
    ConfirmAddress,
    ResetPassword,
    UndoAddressChange,
    VerifyAddress,
)
from modules.identity.application.registration import SignUp
from shared_kernel.adapters.http import MaybeCaller, Router, public, use

router = Router(tags=["identity"])

Ask = Annotated[AskForLink, use(AskForLink)]


@router.post("/register", status_code=202)
@public
async def register(body: Register, sign_up: Annotated[SignUp, use(SignUp)]) -> Accepted:
    """Open an account. The answer is the same whether or not the address has one.

    A mail follows: with a link that verifies the address, or with the news that it has an account.
    """
    await sign_up(body.email, body.password)
    return Accepted()


@router.post("/request-verify-token", status_code=202)
@public
async def request_verify_token(body: AskByMail, ask: Ask) -> Accepted:
    """Have the link that verifies an address mailed again, if there is anything to verify."""
    await ask.verify_again(body.email)
    return Accepted()


@router.post("/verify", status_code=204)
@public
async def verify(
    body: OpenLink,
    caller: MaybeCaller,
    verify_address: Annotated[VerifyAddress, use(VerifyAddress)],
) -> None:
    """Verify an address with the token of the link that was mailed there. It works once.

    Sessions from before end, but for the one that sends this.
    """
    await verify_address(body.token, caller)


@router.post("/forgot-password", status_code=202)
@public
async def forgot_password(body: AskByMail, ask: Ask) -> Accepted:
    """Have a link mailed that sets another password, if the address has an account."""
    await ask.forgot_password(body.email)
    return Accepted()


@router.post("/reset-password", status_code=204)
@public
async def reset_password(
    body: ResetForgottenPassword, reset: Annotated[ResetPassword, use(ResetPassword)]
) -> None:
    """Set another password with the token of a mailed link, and sign out everywhere. It works once.

    Sign in with the new password afterwards, and with the second factor if there is one.
    """
    await reset(body.token, body.password)


@router.post("/confirm-address", status_code=204)
@public
async def confirm_address(
    body: OpenLink, confirm: Annotated[ConfirmAddress, use(ConfirmAddress)]
) -> None:
    """Make an address yours with the token of the link that was mailed there. It works once."""
    await confirm(body.token)


@router.post("/undo-address-change", status_code=204)
@public
async def undo_address_change(
    body: OpenLink, undo: Annotated[UndoAddressChange, use(UndoAddressChange)]
) -> None:
    """Take an account back with the token mailed to its former address. It works once.

    All sessions and API keys end and the password is forgotten: `forgot-password` sets another.
    Identities, passkeys and an authenticator app from the last week before the change, or later,
    are removed; older ones stay. Recovery codes are dead.
    """
    await undo(body.token)
