"""Asks an application by its own protocol, where a test asks tens of thousands of times.

A client of HTTP takes more of the processor for a request than the application does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from fastapi import FastAPI

Pair = tuple[str, str]
Message = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status_code: int
    headers: Sequence[Pair]
    content: bytes

    @property
    def names(self) -> set[str]:
        """The names of its headers."""
        return {name for name, _ in self.headers}


@dataclass(frozen=True, slots=True)
class Straight:
    """Somebody who asks, each time with the same headers and some more. Sends no bodies."""

    app: FastAPI
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    async def request(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        """Ask, by an address that is quoted already."""
        path, _, query = url.partition("?")
        sent = {"host": "127.0.0.1:8000", **self.headers, **headers}
        exchange = _Exchange()
        scope: Message = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), text.encode()) for name, text in sent.items()],
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 123),
            "root_path": "",
        }
        await self.app(scope, exchange.receive, exchange.send)
        return exchange.answer()


class _Exchange:
    """One request without a body, and what is said to it."""

    def __init__(self) -> None:
        self._asked = False
        self._ended = asyncio.Event()
        self._start: Message = {}
        self._parts: list[bytes] = []

    async def receive(self) -> Message:
        if self._asked:
            await self._ended.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                self._ended.set()

    def answer(self) -> Answer:
        assert self._ended.is_set()
        headers = [(name.decode(), text.decode()) for name, text in self._start["headers"]]
        return Answer(self._start["status"], headers, b"".join(self._parts))
