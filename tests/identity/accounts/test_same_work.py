"""Known or not, an address costs the same: no clock tells which ones have accounts."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, cast

import asyncpg
import pytest

from modules.identity.adapters.sql.links import GOOD
from modules.identity.adapters.sql.profile import PROFILE
from modules.identity.adapters.sql.reads import ACCOUNT_OF, CREDENTIALS_OF
from modules.identity.domain.link import Purpose
from shared_kernel.adapters.sql import Query
from shared_kernel.adapters.sql.reads import ReadPool
from shared_kernel.domain import new_id
from tests.identity.accounts.desk import OTHER_PASSWORD, Desk, new_address
from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.identity import NOON
from tests.kit.work import Work, watching

Flow = Callable[[Desk, str], Awaitable[object]]

MANY = 200_000

FLOWS: dict[str, Flow] = {
    "register": lambda desk, email: desk.register(email, OTHER_PASSWORD),
    "forgot": lambda desk, email: desk.post("/forgot-password", email=email),
    "resend": lambda desk, email: desk.post("/request-verify-token", email=email),
    "sign in": lambda desk, email: desk.login(email, OTHER_PASSWORD),
}


@pytest.mark.parametrize("name", FLOWS)
async def test_known_and_unknown_addresses_cost_the_same_statements_and_hashes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    known, unverified = await desk.settled(), new_address()
    await desk.register(unverified)
    with watching(monkeypatch) as begin:
        done: list[Work] = []
        for email in (known, unverified, new_address()):
            work = begin()
            await FLOWS[name](desk, email)
            done.append(work)
    assert done[0] == done[1] == done[2]
    assert done[0].count("one hash") == (1 if name in {"register", "sign in"} else 0)
    assert len(done[0]) >= 2


async def test_a_right_password_of_an_unverified_address_costs_what_a_wrong_one_does(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, unverified = await desk.settled(), new_address()
    await desk.register(unverified)
    with watching(monkeypatch) as begin:
        wrong = begin()
        await desk.login(known, OTHER_PASSWORD)
        right = begin()
        await desk.login(unverified)
    assert wrong == right


@pytest.fixture
def crowded() -> Generator[TestDatabase]:
    """A database of its own, for many accounts."""
    made = new_database(f"crowded_{os.getpid()}")
    yield made
    drop_database(made)


async def test_among_200000_accounts_nothing_is_searched_row_by_row(
    crowded: TestDatabase,
) -> None:
    connection = await asyncpg.connect(crowded.owner_url)
    try:
        await connection.execute(
            "insert into identity.accounts"
            " (id, version, email, email_normalized, status, registered_at)"
            " select gen_random_uuid(), 1, n || '@example.com', n || '@example.com', 'active',"
            f" now() from generate_series(1, {MANY}) n"
        )
        await connection.execute(
            "insert into identity.links (id, account_id, purpose, token_hash, email,"
            " email_normalized, expires_at)"
            " select gen_random_uuid(), id, 'reset', sha256(id::text::bytea), email, email, now()"
            " from identity.accounts limit 50000"
        )
        await connection.execute("analyze identity.accounts, identity.links")
        plans = [
            await _plan(connection, CREDENTIALS_OF, email="7@example.com"),
            await _plan(connection, ACCOUNT_OF, email="7@example.com"),
            await _plan(connection, PROFILE, id=new_id()),
            await _plan(connection, GOOD, token_hash=b"x" * 32, purpose=Purpose.RESET, at=NOON),
        ]
    finally:
        await connection.close()
    for plan in plans:
        assert "Index Scan" in plan, plan
        assert "Seq Scan" not in plan, plan


class Explaining:
    """Has the plan of a query shown instead of its rows."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *values: object) -> Sequence[asyncpg.Record]:
        return await self._connection.fetch(f"explain {sql}", *values)


async def _plan(connection: asyncpg.Connection, query: Query[Any], **values: object) -> str:
    explaining = cast("ReadPool", Explaining(connection))
    return "\n".join(str(*row) for row in await query.rows(explaining, values))
