"""`app user create-admin`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modules.access.application.administering.administrators import (
    AppointAdministrator,
    Appointment,
)
from shared_kernel.adapters.cli import Console, JsonFlag, QuietFlag, work_with
from shared_kernel.module import Services

user = typer.Typer(help="Accounts and who administers.", no_args_is_help=True)

PasswordFile = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, help="Take the password of a new account from this file."
    ),
]


@user.callback()
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


def _told(appointed: Appointment) -> str:
    if not appointed.is_new_account:
        return f"{appointed.email} had an account and is administrator; its password is unchanged"
    made = f"{appointed.email} has an account and is administrator"
    if appointed.password is None:
        return made
    return f"{made}\npassword (shown only now): {appointed.password}"
