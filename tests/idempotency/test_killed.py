"""Servers are killed while they carry out what was sent under a key; two of them share it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Generator
from contextlib import suppress
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from tests.access.two_servers import ADMINISTRATOR, signed_in, two_accounts
from tests.bootstrap.processes import Server, free_port, wait_until_live
from tests.idempotency.catalog_calls import a_draft
from tests.idempotency.elsewhere import until_waited_for
from tests.idempotency.rows import EVENTS, PRODUCTS, run
from tests.idempotency.world import Call
from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.running import SECRET
from tests.kit.starting import forked

pytestmark = pytest.mark.xdist_group("keys-killed")  # one database and one survivor for all

HELD = 7_021_990
HOLD = f"select pg_advisory_lock({HELD})"
WAIT = f"""
    create function wait() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock({HELD}); return new; end $$;
    grant execute on function wait() to public;
"""
MOMENTS = {
    "before it is noted": "before insert on platform.keyed_requests",
    "noted, and not committed": "after insert on platform.keyed_requests",
    "committed, and not kept": "before update on platform.keyed_requests",
}


@pytest.fixture(scope="module")
def yard(worker_id: str) -> Generator[TestDatabase]:
    """A database whose servers are killed."""
    made = new_database(f"keys_killed_{worker_id}")
    asyncio.run(_prepare(made))
    yield made
    drop_database(made)


@pytest.fixture(scope="module")
def survivor(yard: TestDatabase) -> Generator[Server]:
    """Another server on it, which nobody kills: whoever was not answered asks there again."""
    server = _serve(yard)
    yield server
    _kill(server)


async def _prepare(database: TestDatabase) -> None:
    await two_accounts(database)
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(WAIT)
    await connection.close()


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_server_killed_on_the_way_leaves_no_duplicate_and_no_lie(
    yard: TestDatabase, survivor: Server, moment: str
) -> None:
    call, key = a_draft(), uuid4().hex
    await _kill_while_it_waits(yard, MOMENTS[moment], call, key)
    done = moment.startswith("committed")
    assert await run(yard, PRODUCTS, _sku(call)) == int(done)
    async with signed_in(survivor, ADMINISTRATOR) as http:
        first, again = [await call.send(http, key) for _ in range(2)]
        shown = await http.get(first.headers["location"])
    assert (first.status_code, again.status_code) == (201, 201)
    assert ("idempotency-replayed" in first.headers) == done
    assert again.headers["idempotency-replayed"] == "true"
    assert first.content == again.content == shown.content
    assert first.headers["etag"] == again.headers["etag"] == shown.headers["etag"]
    assert await run(yard, PRODUCTS, _sku(call)) == 1
    assert await run(yard, EVENTS, _sku(call)) == 1


async def test_what_was_answered_before_the_kill_is_answered_after_it(
    yard: TestDatabase, survivor: Server
) -> None:
    call, key = a_draft(), uuid4().hex
    server = _serve(yard)
    try:
        async with signed_in(server, ADMINISTRATOR) as http:
            first = await call.send(http, key)
    finally:
        _kill(server)
    async with signed_in(survivor, ADMINISTRATOR) as http:
        again = await call.send(http, key)
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.content) == (201, first.content)
    assert await run(yard, PRODUCTS, _sku(call)) == 1


def test_of_fifty_at_once_on_two_servers_one_is_carried_out(
    yard: TestDatabase, survivor: Server
) -> None:
    other = _serve(yard)
    try:
        asyncio.run(_fifty_on(survivor, other, yard))
    finally:
        _kill(other)


async def _fifty_on(here: Server, there: Server, yard: TestDatabase) -> None:
    async with signed_in(here, ADMINISTRATOR) as one, signed_in(there, ADMINISTRATOR) as other:
        for _ in range(5):
            call, key = a_draft(), uuid4().hex
            answers = await asyncio.gather(
                *(call.send(http, key) for _ in range(25) for http in (one, other))
            )
            assert Counter(answer.status_code for answer in answers) == {201: 50}
            replayed = ["idempotency-replayed" in answer.headers for answer in answers]
            assert sum(replayed) == 49
            assert len({(a.content, a.headers["location"]) for a in answers}) == 1
            assert await run(yard, PRODUCTS, _sku(call)) == 1
            assert await run(yard, EVENTS, _sku(call)) == 1


async def _kill_while_it_waits(yard: TestDatabase, moment: str, call: Call, key: str) -> None:
    server, connection = _serve(yard), await asyncpg.connect(yard.owner_url)
    try:
        await connection.execute(HOLD)
        await connection.execute(
            f"create trigger wait {moment} for each row execute function wait()"
        )
        async with signed_in(server, ADMINISTRATOR) as http:
            sent = asyncio.create_task(call.send(http, key))
            await until_waited_for(connection)
            _kill(server)
            with suppress(httpx2.TransportError):
                raise AssertionError(f"answered {await sent}")
        await connection.execute("drop trigger wait on platform.keyed_requests")
    finally:
        _kill(server)
        await connection.close()


def _serve(database: TestDatabase) -> Server:
    port = free_port()
    environment = {
        "DATABASE_URL": database.app_url,
        "SECRET_KEYS": SECRET,
        "LOG_LEVEL": "ERROR",
        "RELAY": "false",
    }
    process = forked("bootstrap.cli", "serve", "--port", str(port), environment=environment)
    wait_until_live(process, port)
    return Server(process, port)


def _kill(server: Server) -> None:
    if server.process.poll() is None:
        server.process.kill()
        server.process.communicate()


def _sku(call: Call) -> str:
    assert call.body is not None
    return str(call.body["sku"])
