"""Puts the commands together: the platform's own, and those of the modules found."""

from __future__ import annotations

from collections.abc import Callable

import typer

from bootstrap.cli.serve import serve

PLATFORM: tuple[Callable[..., None], ...] = (serve,)


def build() -> typer.Typer:
    """Return the command line with all its commands."""
    app = typer.Typer(name="app", no_args_is_help=True, pretty_exceptions_enable=False)

    @app.callback()
    def app_() -> None:  # pyright: ignore[reportUnusedFunction]  # typer calls it
        """Run and look after the application."""

    for command in PLATFORM:
        app.command()(command)
    return app


def run() -> None:
    """Run the command that was typed, and exit."""
    build()(prog_name="app")
