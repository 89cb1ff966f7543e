"""Puts the commands together: the platform's own, and those of the modules found."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from bootstrap.cli.api import matrix, openapi, routes, settings_app
from bootstrap.cli.db import db_app
from bootstrap.cli.db import status as server_status
from bootstrap.cli.dev import dev
from bootstrap.cli.inspection import check, doctor
from bootstrap.cli.migrations import migrations_app
from bootstrap.cli.runtime import CommandRuntime, reported
from bootstrap.cli.seed import seed_app
from bootstrap.cli.serve import serve, worker

COMMANDS: dict[str, Callable[..., None]] = {
    "dev": dev,
    "serve": serve,
    "worker": worker,
    "routes": routes,
    "openapi": openapi,
    "matrix": matrix,
    "doctor": doctor,
}
GROUPS = (seed_app, settings_app)
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


def build(*, with_modules: bool = True) -> typer.Typer:
    """Return the command line with all its commands.

    Without those of the modules it is ready in half the time.
    """
    app = typer.Typer(
        name="app",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="Run and look after the application.",
    )
    app.callback()(_begin)
    for name, command in COMMANDS.items():
        app.command(name)(command)
    app.add_typer(_database_commands())
    app.command("check", context_settings=PASS_ON)(check)
    for group in GROUPS:
        app.add_typer(group)
    if with_modules:
        _add_modules(app)
    return app


def run() -> None:
    """Run the command that was typed, and exit."""
    app = build(with_modules=not _is_ours(sys.argv[1:]))
    try:
        with reported():
            app(prog_name="app")
    except typer.Exit as end:  # raised here, where typer is not around to hear it
        sys.exit(end.exit_code)


def _begin(context: typer.Context) -> None:
    context.obj = CommandRuntime()


def _is_ours(arguments: list[str]) -> bool:
    return bool(arguments) and arguments[0] in {*COMMANDS, "check", "db", "seed", "settings"}


def _database_commands() -> typer.Typer:
    """One group of two: the server's commands and the migrations'.

    Both know a status; that of the server is `app db server`.
    """
    group = typer.Typer(name="db", help="The database.", no_args_is_help=True)
    for part in (db_app, migrations_app):
        for info in part.registered_commands:
            if part is db_app and info.callback is server_status:
                info.name = "server"
            group.registered_commands.append(info)
    return group


def _add_modules(app: typer.Typer) -> None:
    from bootstrap.modules import discover  # noqa: PLC0415 - imports every module

    for module in discover():
        for name, commands in module.commands.items():
            app.add_typer(commands, name=name)
