"""Notes what a request asks of the database, and every hash it has computed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from modules.identity.adapters.fastapi_users import Argon2Passwords
from modules.identity.ports import Verdict
from shared_kernel.adapters.sql.reads import ReadPool

Work = list[str]

# The relay works in the same process, in tasks of its own: it sees no list here.
_work: ContextVar[Work | None] = ContextVar("work", default=None)


def note(what: str) -> None:
    """Remember what was done for the request that is under way."""
    work = _work.get()
    if work is not None:
        work.append(" ".join(what.split()[:3]).lower())


@contextmanager
def watching(monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[[], Work]]:
    """Note every statement and every hash; the function returned begins a new list."""
    fetch, hashed, verified = ReadPool.fetch, Argon2Passwords.hash, Argon2Passwords.verify

    async def fetching(self: ReadPool, sql: str, *values: object) -> Sequence[asyncpg.Record]:
        note(sql)
        return await fetch(self, sql, *values)

    async def hashing(self: Argon2Passwords, password: str) -> str:
        note("one hash")
        return await hashed(self, password)

    async def verifying(self: Argon2Passwords, password: str, stored: str | None) -> Verdict:
        note("one hash")
        return await verified(self, password, stored)

    def executing(_: object, __: object, statement: str, *___: Any) -> None:
        note(statement)

    def begin() -> Work:
        work: Work = []
        _work.set(work)
        return work

    monkeypatch.setattr(ReadPool, "fetch", fetching)
    monkeypatch.setattr(Argon2Passwords, "hash", hashing)
    monkeypatch.setattr(Argon2Passwords, "verify", verifying)
    event.listen(Engine, "before_cursor_execute", executing)
    try:
        yield begin
    finally:
        event.remove(Engine, "before_cursor_execute", executing)
        _work.set(None)
