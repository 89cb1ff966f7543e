"""Two servers on one database: what one takes away, the other stops to allow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpx2

from bootstrap.runtime import System
from modules.access.application.administering.administrators import AppointAdministrator
from modules.identity.public import AccountDirectory
from shared_kernel.domain import AccountId
from shared_kernel.module import Services
from tests.bootstrap.processes import Server, free_port, serving
from tests.kit.cluster import TestDatabase
from tests.kit.running import SECRET, settings_for

ADMINISTRATOR, CLERK = "keeper@example.com", "clerk@example.com"
PASSWORD = "nine courses of granite"
ROLE, GUARDED = "reviewer", "/v1/access/roles"
DEADLINE = 10.0


@dataclass(frozen=True, slots=True)
class Delay:
    """How many seconds after the answer that a right was taken it was last allowed, and refused.

    `last_allowed` is when the last request was sent that was allowed; None where none was.
    """

    last_allowed: float | None
    first_refused: float


@contextmanager
def two_servers(database: TestDatabase) -> Generator[tuple[Server, Server]]:
    """Serve the application twice."""
    environment = {"DATABASE_URL": database.app_url, "SECRET_KEYS": SECRET, "LOG_LEVEL": "ERROR"}
    ports = free_port(), free_port()
    commands = [("bootstrap.cli", "serve", "--port", str(port)) for port in ports]
    with (
        serving(*commands[0], port=ports[0], environment=environment) as one,
        serving(*commands[1], port=ports[1], environment=environment) as other,
    ):
        yield one, other


async def two_accounts(database: TestDatabase) -> AccountId:
    """Appoint an administrator, and return the id of a clerk."""

    async def work(services: Services) -> AccountId:
        await services.get(AppointAdministrator)(ADMINISTRATOR, PASSWORD)
        return await services.get(AccountDirectory).register(CLERK, PASSWORD)

    return await System.of(settings_for(database)).run(work)


async def delays(here: Server, there: Server, clerk: AccountId, rounds: int) -> list[Delay]:
    """Give a role here and take it again, so many times, while the clerk uses it there."""
    async with signed_in(here, ADMINISTRATOR) as by, signed_in(there, CLERK) as uses:
        role = {"name": ROLE, "permissions": ["access.roles.read"]}
        assert (await by.post(GUARDED, json=role)).status_code == 201
        return [await _round(by, uses, clerk) for _ in range(rounds)]


async def _round(by: httpx2.AsyncClient, uses: httpx2.AsyncClient, clerk: AccountId) -> Delay:
    body = {"account_id": str(clerk), "role": ROLE}
    given = await by.post("/v1/access/assignments", json=body)
    assert given.status_code == 201, given.text
    await _until(uses, 200)
    using = asyncio.create_task(_use(uses))
    await asyncio.sleep(0.05)
    assert (await by.delete(given.headers["location"])).status_code == 204
    taken = time.monotonic()
    allowed, refused = await asyncio.wait_for(using, DEADLINE)
    return Delay(allowed - taken if allowed > taken else None, refused - taken)


async def _use(http: httpx2.AsyncClient) -> tuple[float, float]:
    """Use the right as often as can be; return when it was last allowed, and then refused."""
    allowed = 0.0
    while True:
        sent = time.monotonic()
        status = (await http.get(GUARDED)).status_code
        if status != 200:
            assert status == 403, status
            return allowed, time.monotonic()
        allowed = sent


async def _until(http: httpx2.AsyncClient, status: int) -> None:
    async with asyncio.timeout(DEADLINE):
        answer = await http.get(GUARDED)
        while answer.status_code != status:
            answer = await http.get(GUARDED)


@asynccontextmanager
async def signed_in(server: Server, email: str) -> AsyncGenerator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=server.url, timeout=DEADLINE) as http:
        body = {"email": email, "password": PASSWORD}
        answer = await http.post("/v1/identity/login", json=body)
        assert answer.status_code == 200, answer.text
        http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield http
