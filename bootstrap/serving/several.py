"""Several processes, served by granian."""

from __future__ import annotations

import os
import signal
import time
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import cast

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server.mp import MPServer
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bootstrap.health import Health
from bootstrap.serving.loading import load
from bootstrap.serving.plan import GRACE_SECONDS, HEADER_SECONDS, Plan

# Per worker. Beyond this granian leaves connections unaccepted, where nobody answers them and
# stopping resets them: the application has to see them all, and refuses what is too much itself.
CONNECTIONS = 10_000


class DrainingServer(MPServer):
    """Lets its workers go on serving for a while after it was told to stop."""

    drain_seconds: float = 0

    def _stop_workers(self) -> None:
        for worker in self.wrks:
            process = cast("BaseProcess", worker.inner)  # pyright: ignore[reportUnknownMemberType]  # the same
            tell_to_drain(process)
        time.sleep(self.drain_seconds)
        super()._stop_workers()  # type: ignore[no-untyped-call]  # the library left it untyped


class Nameless:
    """Keeps granian from adding its name: it respects a `Server` header that is there, if empty."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def nameless(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"server", b""))
            await send(message)

        await self._app(scope, receive, nameless)


def load_in_worker(target: str) -> ASGIApp:
    """Build the application of a worker, and let it hear that it will be stopped."""
    app = load(target)
    health: Health = app.state.health

    def drain(_: int, __: FrameType | None) -> None:
        health.stopping = True

    if hasattr(signal, "SIGUSR1"):
        signal.signal(signal.SIGUSR1, drain)
    return Nameless(app)


def tell_to_drain(worker: BaseProcess) -> None:
    """Make a worker unready. It hears this by a signal of its own, before that to stop."""
    if worker.pid is not None and worker.is_alive() and hasattr(signal, "SIGUSR1"):
        os.kill(worker.pid, signal.SIGUSR1)


def serve(plan: Plan) -> None:
    """Serve from several processes that share one address."""
    server = DrainingServer(
        plan.target,
        address=plan.host,
        port=plan.port,
        interface=Interfaces.ASGI,
        workers=plan.workers,
        loop=Loops.auto,
        http=HTTPModes.auto,
        websockets=False,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=round(plan.stop_seconds + GRACE_SECONDS),
    )
    server.drain_seconds = plan.drain_seconds
    server.serve(target_loader=load_in_worker)
