"""A real server that is killed in the middle of its work, and who uses it."""

from __future__ import annotations

import asyncio

import httpx2

from bootstrap.postgres import EmbeddedPostgres
from bootstrap.runtime import System
from modules.access.application.administering.administrators import AppointAdministrator
from shared_kernel.module import Services
from tests.bootstrap.embedded import sql
from tests.bootstrap.processes import Server, free_port, wait_until_live
from tests.kit.cluster import TestDatabase
from tests.kit.running import SECRET, settings_for
from tests.kit.starting import forked

EMAIL, PASSWORD = "mason@example.com", "nine courses of granite"


async def opened(server: EmbeddedPostgres, name: str) -> TestDatabase:
    """Return a database of its own on a server that is migrated, with an administrator."""
    roles = server.start()
    await asyncio.to_thread(
        sql, server.superuser_url(), f"create database {name} owner app_owner template app"
    )
    places = (f"{url.rpartition('/')[0]}/{name}" for url in (roles.owner_url, roles.app_url))
    database = TestDatabase(name, *places)
    await appoint(System.of(settings_for(database)))
    return database


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
