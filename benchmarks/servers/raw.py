"""The first rung: ASGI by hand over the driver's pool. Nothing in Python is much faster."""

from __future__ import annotations

from typing import Any

import asyncpg
import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.servers.shown import ONE, PAGE, open_pool, shown

JSON = (b"content-type", b"application/json")


class Raw:
    """Answers `/products/{id}` and `/products`."""

    pool: asyncpg.Pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        product_id = scope["path"][len("/products/") :]
        async with self.pool.acquire() as connection:
            if product_id:
                body = _one(await connection.fetch(ONE, product_id))
            else:
                body = _page(await connection.fetch(PAGE))
        headers = [JSON, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.pool = await open_pool()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.pool.close()
        await send({"type": "lifespan.shutdown.complete"})


def application() -> ASGIApp:
    """Build the application."""
    return Raw()


def _one(rows: list[Any]) -> bytes:
    return orjson.dumps(shown(rows[0]))


def _page(rows: list[Any]) -> bytes:
    return orjson.dumps({"items": [shown(row) for row in rows[:50]], "next_cursor": None})
