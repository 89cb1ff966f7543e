"""`app check` and `app doctor`: does the code hold, and does the installation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from bootstrap.cli.console import Console, Exit, JsonFlag, QuietFlag
from bootstrap.cli.runtime import reported, settings_of_command

Production = Annotated[
    bool, typer.Option("--production", help="Also refuse what is unsafe in production.")
]


def check(context: typer.Context) -> None:
    """Run every check and every test; further arguments are those of `do.py test`."""
    from bootstrap.checks import main  # noqa: PLC0415 - only this command needs it

    raise typer.Exit(main(context.args))


def doctor(
    production: Production = False, json: JsonFlag = False, quiet: QuietFlag = False
) -> None:
    """Look for what would keep the application from working; each finding with its fix."""
    from bootstrap.doctor import run  # noqa: PLC0415 - imports the modules

    console = Console(json=json, quiet=quiet)
    with reported(console):
        found = run(settings_of_command(secure=False), production=production)
    lines = [
        f"{'ok' if one.ok else 'FAIL':<5} {one.name:<14} {one.detail}"
        + ("" if one.ok else f"\n      fix: {one.fix}")
        for one in found
    ]
    console.show("\n".join(lines), [asdict(one) for one in found])
    if not all(one.ok for one in found):
        raise typer.Exit(Exit.CHECK_FAILED)
