"""Types commands of `app` that work with a running application."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import FastAPI
from typer import Typer
from typer.testing import CliRunner, Result

from shared_kernel.module import Services

T = TypeVar("T")
Type = Callable[..., Awaitable[Result]]


class OnApplication:
    """Runs the work of a command on the loop of the application under test."""

    def __init__(self, app: FastAPI, loop: asyncio.AbstractEventLoop) -> None:
        self._services: Services = app.state.services
        self._loop = loop

    def run(self, work: Callable[[Services], Awaitable[T]]) -> T:
        async def done() -> T:
            return await work(self._services)

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(timeout=30)


def typing_over(app: FastAPI) -> Type:
    """Return what types a command, as `app <group> ...` would receive it."""
    runtime = OnApplication(app, asyncio.get_running_loop())

    async def typed(group: Typer, *words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, group, list(words), obj=runtime)

    return typed
