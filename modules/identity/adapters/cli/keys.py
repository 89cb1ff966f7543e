"""`app keys list` and `app keys rotate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from modules.identity.application.key_rotation import RotateKeys
from modules.identity.domain.signing_key import StoredKey
from modules.identity.ports import SigningKeys
from shared_kernel.adapters.cli import Console, Json, JsonFlag, QuietFlag, YesFlag, work_with
from shared_kernel.module import Services

keys = typer.Typer(help="The keys that sign access tokens.", no_args_is_help=True)

AtOnce = Annotated[
    bool,
    typer.Option(
        "--at-once", help="The key is in the wrong hands: refuse every token signed so far."
    ),
]


@keys.command("list")
def list_keys(context: typer.Context, json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Show the signing keys: the next one, the active one, those that only verify."""
    console = Console(json=json, quiet=quiet)

    async def all_keys(services: Services) -> Sequence[StoredKey]:
        return await services.get(SigningKeys).all()

    _show(console, work_with(context, console, all_keys))


@keys.command("rotate")
def rotate(
    context: typer.Context,
    at_once: AtOnce = False,
    json: JsonFlag = False,
    quiet: QuietFlag = False,
    yes: YesFlag = False,
) -> None:
    """Sign with the next key from now on; no request fails."""
    console = Console(json=json, quiet=quiet, yes=yes)
    if at_once:
        console.confirm("refuse every access token signed so far")

    async def turn(services: Services) -> Sequence[StoredKey]:
        return await services.get(RotateKeys)(at_once=at_once)

    _show(console, work_with(context, console, turn))


def _show(console: Console, found: Sequence[StoredKey]) -> None:
    lines = [f"{one.state:8}{one.kid}  since {one.changed_at:%Y-%m-%d %H:%M}" for one in found]
    document: Json = [
        {"kid": one.kid, "state": one.state.value, "since": one.changed_at.isoformat()}
        for one in found
    ]
    console.show("\n".join(lines), document)
