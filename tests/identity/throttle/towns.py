"""Applications that guessers come to, from anywhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import httpx2
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from shared_kernel.application import Clock
from tests.kit.cluster import TestDatabase
from tests.kit.identity import MovableClock
from tests.kit.running import running

LOGIN, REGISTER, REFRESH = "/v1/identity/login", "/v1/identity/register", "/v1/identity/refresh"
WRONG = "this is not the password of anybody"
SECOND = timedelta(seconds=1)


@dataclass
class Town:
    """Applications over one database, and people who come from anywhere."""

    apps: Sequence[FastAPI]
    clock: MovableClock

    async def post(
        self,
        path: str,
        body: dict[str, Any],
        *,
        peer: str = "192.0.2.7",
        at: int = 0,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        app = self.apps[at % len(self.apps)]
        transport = httpx2.ASGITransport(app=app, client=(peer, 4711))
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8000"
        ) as http:
            return await http.post(path, json=body, headers=headers)

    async def sign_in(self, email: str, password: str = WRONG, **options: Any) -> httpx2.Response:
        return await self.post(LOGIN, {"email": email, "password": password}, **options)

    async def fail(self, email: str, times: int, **options: Any) -> list[int]:
        return [(await self.sign_in(email, **options)).status_code for _ in range(times)]


@asynccontextmanager
async def town_of(
    settings: PlatformSettings,
    *,
    apps: int = 1,
    parts: dict[type[Any], Any] | None = None,
    **terms: Any,
) -> AsyncGenerator[Town]:
    clock = MovableClock()
    made: dict[type[Any], Any] = {
        IdentitySettings: IdentitySettings(require_verified_email=False, **terms),
        Clock: clock,
    }
    made |= parts or {}
    async with running(settings, replace=made) as one:
        if apps == 1:
            yield Town([one], clock)
            return
        async with running(settings, replace=made) as other:
            yield Town([one, other], clock)


async def counted(database: TestDatabase, action: str) -> int:
    connection = await asyncpg.connect(database.owner_url)
    try:
        found = await connection.fetchval(
            "select count(*) from audit.events where action = $1 and occurred_at >= '2030-01-01'",
            action,
        )
    finally:
        await connection.close()
    return int(found)
