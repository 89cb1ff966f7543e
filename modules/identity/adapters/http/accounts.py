"""Accounts and their owners."""

from __future__ import annotations

from typing import Annotated

from modules.identity.adapters.http.answers import Accepted
from modules.identity.application.closing import CloseAccount
from modules.identity.application.commands import AskByMail, ChangeMyPassword, CloseMyAccount
from modules.identity.application.links import AskForLink
from modules.identity.application.password_change import ChangePassword
from modules.identity.application.personal_data import (
    ExportPersonalData,
    PersonalDataView,
)
from modules.identity.application.profile import (
    ChangeProfile,
    ProfileQueries,
    ProfileService,
    ProfileView,
)
from shared_kernel.adapters.http import (
    CurrentCaller,
    ExpectedVersion,
    Router,
    freshly_signed_in,
    idempotent,
    in_person,
    signed_in,
    use,
)

router = Router(tags=["identity"])

Queries = Annotated[ProfileQueries, use(ProfileQueries)]
Close = Annotated[CloseAccount, use(CloseAccount)]


@router.get("/me")
@signed_in
async def show_me(caller: CurrentCaller, queries: Queries) -> ProfileView:
    """Show the account you are signed in to."""
    return await queries.profile(caller)


@router.patch("/me")
@signed_in
@idempotent
async def change_me(
    body: ChangeProfile,
    expected: ExpectedVersion,
    caller: CurrentCaller,
    *,
    profiles: Annotated[ProfileService, use(ProfileService)],
    queries: Queries,
) -> ProfileView:
    """Change what is sent, keep the rest (JSON Merge Patch). Null takes a value away."""
    await profiles.change(caller, body, expected=expected)
    return await queries.profile(caller)


@router.post("/me/password", status_code=204)
@in_person
async def change_my_password(
    body: ChangeMyPassword,
    caller: CurrentCaller,
    change_password: Annotated[ChangePassword, use(ChangePassword)],
) -> None:
    """Set another password, and sign out everywhere but here. Asks for the current one.

    An account without a password gets its first one by mail: `forgot-password`.
    """
    await change_password(caller, body.current_password, body.password)


@router.post("/me/email", status_code=202)
@freshly_signed_in
async def change_my_email(
    body: AskByMail, caller: CurrentCaller, ask: Annotated[AskForLink, use(AskForLink)]
) -> Accepted:
    """Have a link mailed to another address: opened, it makes that address yours.

    The answer is the same whether or not the address has an account. The present address is told
    of the change, and can undo it for seven days.
    """
    await ask.change_address(caller, body.email)
    return Accepted()


@router.delete("/me", status_code=204)
@in_person
async def close_me(body: CloseMyAccount, caller: CurrentCaller, close_account: Close) -> None:
    """Close the account for good, and end all its sessions. Asks for the password again.

    Who its owner was stays known. To have that forgotten, too, erase it instead.
    """
    await close_account(caller, body.password)


@router.get("/me/export")
@freshly_signed_in
async def export_me(
    caller: CurrentCaller, export: Annotated[ExportPersonalData, use(ExportPersonalData)]
) -> PersonalDataView:
    """Get everything that is kept about you, by module and topic. No secrets are among it."""
    return await export(caller)


@router.post("/me/erase", status_code=204)
@in_person
async def erase_me(body: CloseMyAccount, caller: CurrentCaller, close_account: Close) -> None:
    """Close the account for good, and forget who its owner was. Asks for the password again.

    Other parts of the service follow within moments. The audit log keeps ids, times and the
    network addresses of requests.
    """
    await close_account.erasing(caller, body.password)
