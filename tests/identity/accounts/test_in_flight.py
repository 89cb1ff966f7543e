"""Requests of a thief that are under way while the owner locks them out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import asyncpg
import httpx2

from tests.identity.accounts.desk import IDENTITY, Desk, bearer, new_address
from tests.identity.second_factors.phones import code_at
from tests.kit.people import People

KEYS, TOTP = f"{IDENTITY}/me/api-keys", f"{IDENTITY}/me/mfa/totp"
WAITING = """
    select count(*) from pg_locks waiting where not granted and exists (
        select from pg_locks held join pg_database on held.database = pg_database.oid
        where held.pid = waiting.pid and datname = current_database()
    )
"""
WANTED = {"name": "robot", "scope": ["catalog.products.write"]}


async def locked_out_meanwhile(desk: Desk, request: httpx2.Request) -> httpx2.Response:
    """Send a request that waits for the account, in whose turn every session of it ends.

    So it is when the owner's own request came first: whoever changes an account locks its row.
    """
    connection = await asyncpg.connect(desk.database.owner_url)
    try:
        async with connection.transaction():
            await connection.execute("select 1 from identity.accounts for update")
            sent = asyncio.create_task(desk.http.send(request))
            await waiting(connection)
            await connection.execute("update identity.sessions set ended_at = now()")
    finally:
        await connection.close()
    return await sent


async def waiting(connection: asyncpg.Connection) -> None:
    """Return once somebody waits for a lock."""
    async with asyncio.timeout(2.5):
        while not await connection.fetchval(WAITING):  # noqa: ASYNC110 - another connection waits
            await asyncio.sleep(0.01)


async def test_a_key_asked_for_before_the_session_ended_is_not_made_after(desk: Desk) -> None:
    access = await desk.signed_in(await desk.settled())
    request = desk.http.build_request("POST", KEYS, json=WANTED, headers=bearer(access))
    answer = await locked_out_meanwhile(desk, request)
    assert (answer.status_code, answer.json()["code"]) == (401, "identity.session_over")
    assert await desk.rows("select from identity.api_keys") == []


async def test_an_app_is_not_confirmed_after_the_session_ended(desk: Desk) -> None:
    access = await desk.signed_in(await desk.settled())
    secret = (await desk.http.post(TOTP, headers=bearer(access))).json()["secret"]
    body = {"code": code_at(secret, datetime.now(UTC))}
    request = desk.http.build_request("POST", f"{TOTP}/confirm", json=body, headers=bearer(access))
    answer = await locked_out_meanwhile(desk, request)
    assert (answer.status_code, answer.json()["code"]) == (401, "identity.session_over")
    assert (
        await desk.rows("select from identity.authenticators where confirmed_at is not null") == []
    )


async def test_nothing_is_erased_by_a_session_that_ended(desk: Desk) -> None:
    access = await desk.signed_in(await desk.settled())
    await desk.rows("update identity.accounts set password_hash = null")
    request = desk.http.build_request(
        "POST", f"{IDENTITY}/me/erase", json={}, headers=bearer(access)
    )
    answer = await locked_out_meanwhile(desk, request)
    assert (answer.status_code, answer.json()["code"]) == (401, "identity.session_over")
    assert [row[0] for row in await desk.rows("select status from identity.accounts")] == ["active"]


async def test_no_address_is_changed_by_a_session_that_ended(desk: Desk) -> None:
    access = await desk.signed_in(await desk.settled())
    request = desk.http.build_request(
        "POST", f"{IDENTITY}/me/email", json={"email": new_address()}, headers=bearer(access)
    )
    answer = await locked_out_meanwhile(desk, request)
    assert (answer.status_code, answer.json()["code"]) == (401, "identity.session_over")
    told = "select from platform.outbox where kind = 'identity.AddressChangeRequested'"
    assert await desk.rows(told) == []


async def test_no_service_account_is_made_by_a_session_that_ended(
    desk: Desk, people: People
) -> None:
    admin = (await people.register("administrator")).http
    request = admin.build_request("POST", f"{IDENTITY}/service-accounts", json={"name": "robot"})
    answer = await locked_out_meanwhile(Desk(admin, desk.mailbox, desk.database), request)
    assert (answer.status_code, answer.json()["code"]) == (401, "identity.session_over")
    assert await desk.rows("select from identity.service_accounts") == []
