"""The SQL statements of one request, in their order: of reads, and of units of work."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared_kernel.adapters.sql import ReadPool

# Read besides by whatever is asked while the machine was too busy, for two seconds, to look which
# sessions have ended. That otherwise no request does is a test of its own.
TOO_BUSY = "SELECT identity.sessions.id, identity.sessions.ended_at"


@dataclass(slots=True)
class Served:
    """A request, the status of its answer, and the statements it ran."""

    scope: Scope
    status: int = 0
    statements: list[str] = field(default_factory=list[str])


_current: ContextVar[Served | None] = ContextVar("served", default=None)


@dataclass(slots=True)
class Statements:
    """An application whose requests are counted: `heard` gets each when it is over."""

    app: ASGIApp
    heard: Callable[[Served], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request. What runs in other tasks of the application is not counted."""
        served = Served(scope)

        async def sending(message: Message) -> None:
            served.status = message.get("status", served.status)
            await send(message)

        token = _current.set(served)
        try:
            await self.app(scope, receive, sending)
        finally:
            _current.reset(token)
            self.heard(served)


@dataclass(slots=True)
class Listened:
    """What the last request ran."""

    last: Sequence[str] = ()

    def take(self, served: Served) -> None:
        """Remember the statements of a request."""
        self.last = served.statements


@contextmanager
def hearing(heard: Callable[[str], None]) -> Generator[None]:
    """Hear of every statement of reads and of units of work, in the task that runs it."""
    fetch = ReadPool.fetch

    async def fetching(pool: ReadPool, sql: str, *values: object) -> Sequence[asyncpg.Record]:
        heard(sql)
        return await fetch(pool, sql, *values)

    def executing(_: object, __: object, statement: str, *___: Any) -> None:
        heard(statement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ReadPool, "fetch", fetching)
        event.listen(Engine, "before_cursor_execute", executing)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", executing)


@contextmanager
def listening() -> Generator[None]:
    """Note each statement for the request it is for."""
    with hearing(_note):
        yield


def _note(statement: str) -> None:
    served = _current.get()
    if served is not None and not statement.startswith(TOO_BUSY):
        served.statements.append(statement)
