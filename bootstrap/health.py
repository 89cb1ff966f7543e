"""Is the process alive, and can it serve."""

from __future__ import annotations

from fastapi import Request, Response

from bootstrap.modules import Assembly
from bootstrap.platform import Platform
from shared_kernel.adapters.http import Router, public
from shared_kernel.domain import Unavailable

health_router = Router(prefix="/health", tags=["health"])


class Health:
    """Knows whether this process can serve."""

    def __init__(self, platform: Platform, assembly: Assembly) -> None:
        self._platform, self._assembly = platform, assembly
        self.started = False

    async def ready(self) -> bool:
        """Say whether requests can be served now."""
        try:
            await self._platform.database.ping()
        except Unavailable:
            return False
        return self.started


@health_router.get("/live")
@public
async def live() -> dict[str, str]:
    """Answer as long as the process runs."""
    return {"status": "live"}


@health_router.get("/ready")
@public
async def ready(request: Request, response: Response) -> dict[str, str]:
    """Answer 200 while requests can be served, 503 otherwise."""
    health: Health = request.app.state.health
    if await health.ready():
        return {"status": "ready"}
    response.status_code = 503
    return {"status": "unready"}
