"""`app routes`, `openapi`, `matrix` and `settings example`: what the code says about itself."""

from __future__ import annotations

import asyncio
import json as json_format
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bootstrap.cli import files
from bootstrap.cli.console import Console, Exit, JsonFlag, QuietFlag
from bootstrap.cli.runtime import reported

if TYPE_CHECKING:
    from fastapi import FastAPI

    from bootstrap.routes import Served

UNDECLARED = "undeclared"
PAGES = {"/openapi.json", "/docs", "/docs/assets/{name}", "/redoc"}  # where the settings allow them

settings_app = typer.Typer(name="settings", help="The settings.", no_args_is_help=True)

CheckFlag = Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 on drift.")]
Stdout = Annotated[bool, typer.Option("--stdout", help="Print the document, write nothing.")]
Unprotected = Annotated[
    bool, typer.Option("--unprotected", help="Exit with 1 when a route declares nothing.")
]


@settings_app.callback()
def group() -> None:
    """Keep the group's name in the command line while it holds one command."""


def routes(
    unprotected: Unprotected = False, json: JsonFlag = False, quiet: QuietFlag = False
) -> None:
    """List the routes, and who may call each."""
    console = Console(json=json, quiet=quiet)
    with reported(console):
        rows = _routes(_described_app())
    if unprotected:
        rows = [row for row in rows if row["access"] == UNDECLARED]
    lines = [f"{row['method']:<7} {row['path']:<60} {row['access']}" for row in rows]
    console.show("\n".join(lines) or "Every route declares who may call it.", rows)
    if unprotected and rows:
        raise typer.Exit(Exit.CHECK_FAILED)


def openapi(
    check: CheckFlag = False,
    stdout: Stdout = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Write docs/openapi.json; with --check name what would break for those who use the API."""
    console = Console(json=json, quiet=quiet)
    path = files.ROOT / "docs" / "openapi.json"
    with reported(console):
        made = _described_app().openapi()
    content = json_format.dumps(made, indent=1, ensure_ascii=False) + "\n"
    if stdout:
        typer.echo(content, nl=False)
        return
    if not check:
        files.write(console, path, content)
        return
    notes = _breaking(path.read_text("utf-8"), made) if path.exists() else []
    files.check(console, path, content, "app openapi", notes=notes)


def matrix(check: CheckFlag = False, json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Write docs/access-matrix.md: who may call what, by the roles as they are delivered."""
    from bootstrap.matrix import matrix_of, written  # noqa: PLC0415 - imports the framework

    console = Console(json=json, quiet=quiet)
    path = files.ROOT / "docs" / "access-matrix.md"
    with reported(console):
        content = written(asyncio.run(matrix_of(_described_app())))
    if check:
        files.check(console, path, content, "app matrix", notes=[])
    else:
        files.write(console, path, content)


@settings_app.command()
def example(check: CheckFlag = False, json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Write .env.example from the settings of the platform and of all modules."""
    from bootstrap.example import example as made  # noqa: PLC0415 - imports every module

    console = Console(json=json, quiet=quiet)
    path = files.ROOT / ".env.example"
    if check:
        files.check(console, path, made(), "app settings example", notes=[])
    else:
        files.write(console, path, made())


def _breaking(written: str, made: dict[str, Any]) -> list[str]:
    from bootstrap.compatibility import breaking_changes  # noqa: PLC0415 - only needed here

    return [f"breaking: {line}" for line in breaking_changes(json_format.loads(written), made)]


def _described_app() -> FastAPI:
    """Build the application to look at it. Its settings are the defaults, so that all see alike."""
    from bootstrap.api import create_app  # noqa: PLC0415 - imports every module
    from bootstrap.settings import PlatformSettings  # noqa: PLC0415 - the same

    values: dict[str, Any] = {
        "database_url": "postgresql://127.0.0.1/unused",
        "secret_keys": "unused" * 8,
        "environment": "development",
        "public_url": "http://127.0.0.1:8000",
        "docs": True,
        "_env_file": None,
    }
    return create_app(PlatformSettings(**values))


def _routes(app: FastAPI) -> Sequence[dict[str, str]]:
    rows = [
        {"method": method, "path": str(context.path), "access": _access_of(context)}
        for context in app.state.routes.all
        for method in sorted((context.methods or {"-"}) - {"HEAD"})
    ]
    return sorted(rows, key=lambda row: (row["path"], row["method"]))


def _access_of(context: Served) -> str:
    from shared_kernel.adapters.http import GuardedRoute  # noqa: PLC0415 - imports the framework

    route = context.original_route
    if not isinstance(route, GuardedRoute):
        return "public" if context.path in PAGES else UNDECLARED
    if route.access.public:
        return "public"
    return route.access.permission.name if route.access.permission else "signed in"
