"""`app serve` and `app worker`: the processes of an installation."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType
from typing import Annotated

import typer

from bootstrap import logging
from bootstrap.cli.runtime import complete_settings, reported
from bootstrap.development import adopt
from bootstrap.settings import PlatformSettings

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="How many processes serve.")]
Reload = Annotated[bool, typer.Option("--reload", help="Start anew when a source file changes.")]


def serve(
    host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = 1, reload: Reload = False
) -> None:
    """Serve the API until SIGTERM or Ctrl-C; requests in flight are finished then."""
    with reported():
        adopt()
        settings = complete_settings()
        asyncio.run(require_database(settings))
        asyncio.run(_try(settings))
        start(settings, host=host, port=port, workers=workers, reload=reload)


def worker() -> None:
    """Deliver events without serving HTTP, until SIGTERM or Ctrl-C."""
    with reported():
        adopt()
        settings = complete_settings()
        logging.configure(settings.log_level, production=settings.production)
        asyncio.run(_relay(settings))


def start(settings: PlatformSettings, *, host: str, port: int, workers: int, reload: bool) -> None:
    """Serve what the settings describe. Raises PortTaken."""
    from bootstrap.serving import Plan, run  # noqa: PLC0415 - the other commands need no server

    if reload and workers > 1:
        raise typer.BadParameter("--reload serves from one process")
    run(
        Plan(
            host=host,
            port=port,
            workers=workers,
            reload=reload,
            drain_seconds=settings.drain_seconds,
            stop_seconds=settings.stop_seconds,
            at_once=settings.concurrent_requests,
        )
    )


async def require_database(settings: PlatformSettings) -> None:
    """Say in one line what a server would take a screen to say.

    Raises Unavailable when the database is away, DatabaseBehind when migrations are pending.
    """
    from bootstrap.revisions import require_current  # noqa: PLC0415 - heavy
    from shared_kernel.adapters.sql import Database  # noqa: PLC0415 - heavy

    database = Database(settings.app_url)
    try:
        await require_current(database)
    finally:
        await database.close()


async def _try(settings: PlatformSettings) -> None:
    """Open once what each server process opens, to say in one line why it cannot be."""
    from bootstrap.runtime import System  # noqa: PLC0415 - heavy

    async with System.of(settings).opened():
        pass


async def _relay(settings: PlatformSettings) -> None:
    from bootstrap.events import Relay  # noqa: PLC0415 - heavy
    from bootstrap.runtime import System  # noqa: PLC0415 - heavy

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end(_: int, __: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    system = System.of(settings)
    async with system.opened(), Relay(system.platform, system.assembly):
        await stop.wait()
