"""`app seed demo`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from bootstrap.cli.console import Console, JsonFlag, QuietFlag
from bootstrap.cli.runtime import reported, settings_of_command

if TYPE_CHECKING:  # brings the frameworks along
    from shared_kernel.module import Services

seed_app = typer.Typer(name="seed", help="Example data.", no_args_is_help=True)


@seed_app.callback()
def group() -> None:
    """Keep the group's name in the command line while it holds one command."""


@seed_app.command()
def demo(json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Make the example data of every module; what is there already stays as it is."""
    console = Console(json=json, quiet=quiet)
    with reported(console):
        lines = _make()
    console.show("\n".join(lines) or "No module has example data.", {"made": lines})


def _make() -> list[str]:
    from bootstrap.runtime import System  # noqa: PLC0415 - heavy, and help does without

    system = System.of(settings_of_command())

    async def work(_: Services) -> list[str]:
        return [str(await build()()) for build in system.assembly.demos.values()]

    return asyncio.run(system.run(work))
