"""Notes what a request asks of the database, and every hash it has computed."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

import pytest

from modules.identity.adapters.fastapi_users import Argon2Passwords
from modules.identity.ports import Verdict
from tests.kit.statements import hearing

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
    hashed, verified = Argon2Passwords.hash, Argon2Passwords.verify

    async def hashing(self: Argon2Passwords, password: str) -> str:
        note("one hash")
        return await hashed(self, password)

    async def verifying(self: Argon2Passwords, password: str, stored: str | None) -> Verdict:
        note("one hash")
        return await verified(self, password, stored)

    def begin() -> Work:
        work: Work = []
        _work.set(work)
        return work

    monkeypatch.setattr(Argon2Passwords, "hash", hashing)
    monkeypatch.setattr(Argon2Passwords, "verify", verifying)
    with hearing(note):
        yield begin
    _work.set(None)
