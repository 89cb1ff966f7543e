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
from starlette.types import ASGIApp, Receive, Scope, Send

from shared_kernel.adapters.sql import Database, ReadPool

_current: ContextVar[list[str] | None] = ContextVar("statements", default=None)

Heard = Callable[[Scope, Sequence[str]], None]


@dataclass(slots=True)
class Statements:
    """An application whose requests are counted: `heard` gets each with what it ran."""

    app: ASGIApp
    heard: Heard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request. What runs in other tasks of the application is not counted."""
        run: list[str] = []
        token = _current.set(run)
        try:
            await self.app(scope, receive, send)
        finally:
            _current.reset(token)
            self.heard(scope, run)


@dataclass(slots=True)
class Listened:
    """What the last request ran."""

    last: Sequence[str] = field(default_factory=list[str])

    def take(self, scope: Scope, run: Sequence[str]) -> None:
        """Remember the statements of a request."""
        self.last = run


@contextmanager
def listening(database: Database, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Note what runs on a database, by reads and by units of work, for the request it is for."""
    fetch = ReadPool.fetch

    async def noting(pool: ReadPool, sql: str, *values: object) -> Sequence[asyncpg.Record]:
        _note(sql)
        return await fetch(pool, sql, *values)

    def executing(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        _note(statement)

    monkeypatch.setattr(ReadPool, "fetch", noting)
    event.listen(database.engine.sync_engine, "before_cursor_execute", executing)
    try:
        yield
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", executing)


def _note(statement: str) -> None:
    run = _current.get()
    if run is not None:
        run.append(statement)
