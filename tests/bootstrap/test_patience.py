"""How long is waited for what a client has to say, and what it is told that says nonsense."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bootstrap.middleware import Rules
from tests.bootstrap.test_edge import JSON, assert_is_problem, talking_to
from tests.bootstrap.toy import toy


@pytest.mark.parametrize("headers", [JSON, JSON | {"content-length": "20"}])
async def test_a_body_that_does_not_come_is_not_waited_for(headers: dict[str, str]) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b'{"name": '
        await asyncio.sleep(10)

    async with talking_to(toy(Rules(body_seconds=0.2))) as client:
        async with asyncio.timeout(5):
            answer = await client.post("/v1/toys/1", content=half(), headers=headers)
    assert_is_problem(answer, 408, "body_too_slow")
    assert answer.headers["connection"] == "close"
