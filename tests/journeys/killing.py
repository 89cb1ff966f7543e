"""A real server that is killed in the middle of its work, and who uses it."""

from __future__ import annotations

import httpx2

from bootstrap.runtime import System
from modules.access.application.administering.administrators import AppointAdministrator
from shared_kernel.module import Services
from tests.bootstrap.processes import Server, free_port, wait_until_live
from tests.kit.cluster import TestDatabase
from tests.kit.running import SECRET
from tests.kit.starting import forked

EMAIL, PASSWORD = "mason@example.com", "nine courses of granite"


def serve(database: TestDatabase, port: int | None = None, **settings: str) -> Server:
    """Start the application over a database, and with more settings."""
    port = port or free_port()
    environment = {
        "DATABASE_URL": database.app_url,
        "SECRET_KEYS": SECRET,
        "LOG_LEVEL": "ERROR",
        **settings,
    }
    process = forked("bootstrap.cli", "serve", "--port", str(port), environment=environment)
    wait_until_live(process, port)
    return Server(process, port)


async def sign_in(server: Server) -> str:
    """Return a token of the administrator."""
    async with httpx2.AsyncClient(base_url=server.url) as http:
        body = {"email": EMAIL, "password": PASSWORD}
        answer = await http.post("/v1/identity/login", json=body)
        token: str = answer.json()["access_token"]
        return token


async def appoint(system: System) -> None:
    """Make the administrator."""

    async def work(services: Services) -> None:
        await services.get(AppointAdministrator)(EMAIL, PASSWORD)

    await system.run(work)
