"""Many people at once, over HTTP."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import httpx2

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from tests.kit.cluster import TestDatabase
from tests.kit.people import PASSWORD, People
from tests.kit.running import client_of, running, with_dear_hashes

LOGIN, REGISTER, REFRESH = "/v1/identity/login", "/v1/identity/register", "/v1/identity/refresh"
ME, LOGOUT, SESSIONS = "/v1/identity/me", "/v1/identity/logout", "/v1/identity/me/sessions"


async def rows(database: TestDatabase, statement: str, *values: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(database.owner_url)
    try:
        return await connection.fetch(statement, *values)
    finally:
        await connection.close()


async def test_twenty_registrations_at_once_make_one_account(
    client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    local = uuid4().hex
    written = [f"{local}@example.com", f"{local.upper()}@EXAMPLE.com", f"{local}@Example.COM"]
    answers = await asyncio.gather(
        *(
            client.post(REGISTER, json={"email": written[number % 3], "password": PASSWORD})
            for number in range(20)
        )
    )
    assert {one.status_code for one in answers} == {202}
    kept = await rows(
        database, "select 1 from identity.accounts where email_normalized = $1", written[0]
    )
    assert len(kept) == 1


async def test_twenty_refreshes_at_once_get_one_successor(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    person = await people.register()
    body = {"refresh_token": person.refresh_token}
    answers = await asyncio.gather(*(client.post(REFRESH, json=body) for _ in range(20)))
    assert {one.status_code for one in answers} == {200}
    assert len({one.json()["refresh_token"] for one in answers}) == 1
    assert len({one.json()["access_token"] for one in answers}) == 20
    [session] = await rows(
        database, "select version, ended_at from identity.sessions where account_id = $1", person.id
    )
    assert (session["version"], session["ended_at"]) == (2, None)
    following = {"refresh_token": answers[0].json()["refresh_token"]}
    assert (await client.post(REFRESH, json=following)).status_code == 200


async def test_a_full_hashing_queue_sends_people_away_for_a_moment(
    settings: PlatformSettings, clean: None
) -> None:
    narrow = with_dear_hashes(hashing_threads=1, hashing_queue=4)
    body = {"email": "nobody@example.com", "password": PASSWORD}
    async with running(settings, replace={IdentitySettings: narrow}) as app, client_of(app) as http:
        answers = await asyncio.gather(*(http.post(LOGIN, json=body) for _ in range(20)))
    by_status = {one.status_code: one for one in answers}
    assert set(by_status) == {401, 503}
    assert int(by_status[503].headers["retry-after"]) > 0
