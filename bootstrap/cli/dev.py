"""`app dev`: everything that is needed to try the application, with one command."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bootstrap import logging
from bootstrap.cli.runtime import complete_settings, reported
from bootstrap.cli.serve import Host, Port, Reload, Workers, require_database, start
from bootstrap.development import provided
from bootstrap.settings import PlatformSettings
from bootstrap.target import target

if TYPE_CHECKING:  # brings the frameworks along
    from shared_kernel.module import Services

NoDemo = Annotated[bool, typer.Option("--no-demo", help="Begin with an empty database.")]

# Lies there from before the first migration until the demo data is complete.
UNFINISHED = Path(".data/first_run")


def dev(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 1,
    reload: Reload = False,
    no_demo: NoDemo = False,
) -> None:
    """Start the database, migrate it, fill it on the first run, and serve.

    Without DATABASE_URL the embedded PostgreSQL in .data/postgres is used; one that was started
    by this command is stopped with it.
    """
    url = _url(host, port)
    with reported(), provided(url):
        settings = complete_settings()
        logging.configure("WARNING", production=False)
        lines = _prepare(settings, demo=not no_demo)
        logging.configure(settings.log_level, production=settings.production)
        _show([*_addresses(settings, url), *lines])
        start(settings, host=host, port=port, workers=workers, reload=reload)


def _prepare(settings: PlatformSettings, *, demo: bool) -> Sequence[str]:
    """Migrate when there is need; on a new installation return what its owner has to know."""
    from bootstrap.revisions import DatabaseBehind  # noqa: PLC0415 - imports every module

    try:
        asyncio.run(require_database(settings))
    except DatabaseBehind:
        _migrate()
    if not UNFINISHED.exists():
        return []
    lines = asyncio.run(_begin(settings, demo=demo))
    UNFINISHED.unlink()
    return lines


def _migrate() -> None:
    from bootstrap import migrate  # noqa: PLC0415 - Alembic is slow to import

    chosen = target()
    if not any(state.current for state in migrate.status(chosen.owner_url)):
        UNFINISHED.parent.mkdir(exist_ok=True)
        UNFINISHED.touch()
    migrate.upgrade(chosen.owner_url, app_role=chosen.app_role)


async def _begin(settings: PlatformSettings, *, demo: bool) -> Sequence[str]:
    from bootstrap.runtime import System  # noqa: PLC0415 - only the first run needs it here

    system = System.of(settings)
    assembly = system.assembly

    async def work(_: Services) -> Sequence[str]:
        lines = [await make()() for make in assembly.demos.values()] if demo else []
        for first in assembly.first_runs.values():
            lines.extend(await first()())
        return lines

    return await system.run(work)


def _url(host: str, port: int) -> str:
    """Return where a browser on this machine finds what listens there."""
    reachable = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared only
    return f"http://{f'[{reachable}]' if ':' in reachable else reachable}:{port}"


def _addresses(settings: PlatformSettings, url: str) -> Sequence[str]:
    docs = [f"docs    {url}/docs"] if settings.docs_served else []
    return [f"API     {url}/v1", *docs, f"health  {url}/health/ready"]


def _show(lines: Sequence[str]) -> None:
    typer.echo("\n" + "\n".join(f"  {line}" for line in lines) + "\n")
