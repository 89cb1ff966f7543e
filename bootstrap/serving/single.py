"""One process, served by uvicorn."""

from __future__ import annotations

import asyncio
import time
from types import FrameType

import uvicorn

from bootstrap.health import Health
from bootstrap.serving.loading import load
from bootstrap.serving.plan import KEEP_ALIVE_SECONDS, Plan


class DrainingServer(uvicorn.Server):
    """Goes on serving for a while after it was told to stop, and ends with exit code 0."""

    def __init__(self, config: uvicorn.Config, health: Health, drain_seconds: float) -> None:
        super().__init__(config)
        self._health, self._drain_seconds = health, drain_seconds
        self._stop_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop. A second signal ends the draining, a third the waiting."""
        if self._stop_at is None:
            self._health.stopping = True
            self._stop_at = time.monotonic() + self._drain_seconds
        elif not self.should_exit:
            self.should_exit = True
        else:
            self.force_exit = True

    async def on_tick(self, counter: int) -> bool:
        if self._stop_at is not None and time.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)


def serve(plan: Plan) -> None:
    """Serve in this process."""
    app = load(plan.target)
    config = uvicorn.Config(
        app,
        host=plan.host,
        port=plan.port,
        http=_protocol(),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(plan.stop_seconds)),
        h11_max_incomplete_event_size=64 * 1024,
    )
    DrainingServer(config, app.state.health, plan.drain_seconds).run()


def _protocol() -> type[asyncio.Protocol] | str:
    """Return uvicorn's fast protocol, or its portable one where there is no httptools."""
    try:
        from bootstrap.serving.patience import PatientProtocol  # noqa: PLC0415 - heavy
    except ImportError:
        return "h11"
    return PatientProtocol
