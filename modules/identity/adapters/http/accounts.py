"""Accounts and their owners."""

from __future__ import annotations

from typing import Annotated

from modules.identity.adapters.http.answers import Accepted
from modules.identity.application.closing import CloseAccount
from modules.identity.application.commands import CloseMyAccount, Register
from modules.identity.application.queries import IdentityQueries
from modules.identity.application.registration import SignUp
from modules.identity.public import AccountView
from shared_kernel.adapters.http import (
    CurrentCaller,
    Router,
    freshly_signed_in,
    public,
    signed_in,
    use,
)

router = Router(tags=["identity"])


@router.post("/register", status_code=202)
@public
async def register(body: Register, sign_up: Annotated[SignUp, use(SignUp)]) -> Accepted:
    """Open an account. The answer is the same whether or not the address has one."""
    await sign_up(body.email, body.password)
    return Accepted()


@router.get("/me")
@signed_in
async def show_me(
    caller: CurrentCaller, queries: Annotated[IdentityQueries, use(IdentityQueries)]
) -> AccountView:
    """Show the account you are signed in to."""
    return await queries.account(caller.id)


@router.delete("/me", status_code=204)
@freshly_signed_in
async def close_me(
    body: CloseMyAccount,
    caller: CurrentCaller,
    close_account: Annotated[CloseAccount, use(CloseAccount)],
) -> None:
    """Close the account for good, and end all its sessions. Asks for the password again."""
    await close_account(caller, body.password)
