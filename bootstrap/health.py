"""Is the process alive, and can it serve."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from fastapi import Request, Response

from shared_kernel.adapters.http import Router, public
from shared_kernel.adapters.sql import Database

health_router = Router(prefix="/health", tags=["health"])

CHECK_SECONDS = 2.0

State = Literal["ok", "failed"]


@runtime_checkable
class Checked(Protocol):
    """Something that lives as long as the process and can say whether it works."""

    async def check(self) -> None:
        """Return when it works, raise when it does not."""
        ...


@dataclass(frozen=True, slots=True)
class Live:
    """The process runs."""

    status: Literal["live"] = "live"


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether requests can be served, and what works, by name."""

    status: Literal["ready", "unready", "stopping"]
    checks: Mapping[str, State] = field(default_factory=dict[str, State])


class Health:
    """Knows whether this process can serve: it has started, is not stopping, and all parts work."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._parts: dict[str, Checked] = {}
        self.started = False
        self.stopping = False

    def watch(self, name: str, part: object) -> None:
        """Ask this part too from now on, if it can be asked."""
        if isinstance(part, Checked):
            self._parts[name] = part

    async def ready(self) -> Ready:
        """Ask all parts at once; the slowest has two seconds."""
        if self.stopping or not self.started:
            return Ready("stopping" if self.stopping else "unready")
        asked = {"database": self._database.ping, **{n: p.check for n, p in self._parts.items()}}
        states = await asyncio.gather(*(_state(ask) for ask in asked.values()))
        checks = dict(zip(asked, states, strict=True))
        return Ready("unready" if "failed" in states else "ready", checks)


async def _state(ask: Callable[[], Awaitable[None]]) -> State:
    with suppress(Exception):
        async with asyncio.timeout(CHECK_SECONDS):
            await ask()
        return "ok"
    return "failed"


@health_router.get("/live")
@public
async def live() -> Live:
    """Answer as long as the process runs. Never asks the database."""
    return Live()


@health_router.get("/ready")
@public
async def ready(request: Request, response: Response) -> Ready:
    """Answer 200 while requests can be served, 503 while they cannot or the process is stopping."""
    health: Health = request.app.state.health
    found = await health.ready()
    if found.status != "ready":
        response.status_code = 503
        response.headers["Retry-After"] = "2"
    return found
