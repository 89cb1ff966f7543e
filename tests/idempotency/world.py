"""Who calls a route that takes keys, and how."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from fastapi import FastAPI

from tests.kit.cluster import TestDatabase
from tests.kit.people import Person


@dataclass(frozen=True, slots=True)
class World:
    """Who calls, and the system they call."""

    app: FastAPI
    database: TestDatabase
    admin: Person


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    async def send(
        self, http: httpx2.AsyncClient, key: str | None = None, **more: str
    ) -> httpx2.Response:
        """Send it, under a key when one is given."""
        keyed = {} if key is None else {"Idempotency-Key": key}
        headers = {**self.headers, **keyed, **more}
        return await http.request(self.method, self.path, json=self.body, headers=headers)


Making = Callable[[World], Awaitable[Call]]


async def made(world: World, path: str, body: Mapping[str, Any]) -> httpx2.Response:
    """Make something that is needed, and return the answer."""
    answer = await world.admin.http.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer


def named(*makings: Making) -> Mapping[str, Making]:
    """Return them by the names of the endpoints they call: their own, without the `_`."""
    return {getattr(one, "__name__", "").removeprefix("_"): one for one in makings}
