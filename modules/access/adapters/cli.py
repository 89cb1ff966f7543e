"""`app user create-admin` and `app policy list`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from modules.access.application.administrators import AppointAdministrator, Appointment
from modules.access.application.queries import AccessQueries, RoleView
from shared_kernel.adapters.cli import Console, Json, JsonFlag, QuietFlag, work_with
from shared_kernel.application import Slice
from shared_kernel.module import Services

user = typer.Typer(help="Accounts and who administers.", no_args_is_help=True)
policy = typer.Typer(help="Roles and what they hold.", no_args_is_help=True)

PasswordFile = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, help="Take the password of a new account from this file."
    ),
]


@user.callback()
@policy.callback()
def group() -> None:
    """Keep the group's name in the command line even while it holds one command."""


@user.command("create-admin")
def create_admin(
    context: typer.Context,
    email: str,
    password_file: PasswordFile = None,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Make the owner of an e-mail address an administrator; repeating it is safe."""
    console = Console(json=json, quiet=quiet)
    password = password_file.read_text("utf-8").strip() if password_file else None

    async def appoint(services: Services) -> Appointment:
        return await services.get(AppointAdministrator)(email, password)

    appointed = work_with(context, console, appoint)
    console.show(
        _told(appointed),
        {
            "account_id": str(appointed.account_id),
            "email": appointed.email,
            "is_new_account": appointed.is_new_account,
            "password": appointed.password,
        },
    )


@policy.command("list")
def list_policy(context: typer.Context, json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Show every role and the permissions it holds."""
    console = Console(json=json, quiet=quiet)
    roles = work_with(context, console, _all_roles)
    lines = [line for role in roles for line in (role.name, *(f"  {p}" for p in role.permissions))]
    document: Json = [
        {
            "name": one.name,
            "built_in": one.built_in,
            "permissions": list(one.permissions),
            "requires_second_factor": one.requires_second_factor,
        }
        for one in roles
    ]
    console.show("\n".join(lines), document)


async def _all_roles(services: Services) -> Sequence[RoleView]:
    queries, found = services.get(AccessQueries), list[RoleView]()
    after: tuple[str, ...] = ()
    while True:
        page = await queries.roles(Slice(limit=200, after=after))
        found.extend(page.items)
        if page.last is None:
            return found
        after = page.last


def _told(appointed: Appointment) -> str:
    if not appointed.is_new_account:
        return f"{appointed.email} had an account and is administrator; its password is unchanged"
    made = f"{appointed.email} has an account and is administrator"
    if appointed.password is None:
        return made
    return f"{made}\npassword (shown only now): {appointed.password}"
