"""Whether the address of a caller is proved comes along with every way of asking."""

from __future__ import annotations

import asyncpg
import pytest
from fastapi import FastAPI

from shared_kernel.application import CallerSource, Credentials
from shared_kernel.module import Services
from tests.kit.cluster import TestDatabase
from tests.kit.people import People, Person

UNPROVED = "update identity.accounts set email_verified_at = null where id = $1"
PROVED = "update identity.accounts set email_verified_at = now() where id = $1"


async def run(database: TestDatabase, statement: str, person: Person) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(statement, person.id)
    finally:
        await connection.close()


async def is_verified(app: FastAPI, credentials: Credentials) -> bool:
    services: Services = app.state.services
    caller = await services.get(CallerSource).identify(credentials)
    assert caller is not None
    return caller.verified


def bearer(text: str) -> Credentials:
    return Credentials(authorization=f"Bearer {text}")


@pytest.mark.parametrize(
    ("statement", "verified"), [(UNPROVED, False), (PROVED, True)], ids=["unproved", "proved"]
)
async def test_a_token_tells_it_from_the_next_refresh_on(
    app: FastAPI, people: People, database: TestDatabase, statement: str, verified: bool
) -> None:
    person = await people.register()
    await run(database, statement, person)
    answer = await person.http.post(
        "/v1/identity/refresh", json={"refresh_token": person.refresh_token}
    )
    assert await is_verified(app, bearer(answer.json()["access_token"])) is verified


@pytest.mark.parametrize(
    ("statement", "verified"), [(UNPROVED, False), (PROVED, True)], ids=["unproved", "proved"]
)
async def test_a_key_tells_it_at_once(
    app: FastAPI, people: People, database: TestDatabase, statement: str, verified: bool
) -> None:
    person = await people.register()
    wanted = {"name": "script", "scope": ["catalog.products.write"]}
    made = await person.http.post("/v1/identity/me/api-keys", json=wanted)
    assert made.status_code == 201, made.text
    await run(database, statement, person)
    assert await is_verified(app, bearer(made.json()["key"])) is verified


@pytest.mark.parametrize(
    ("statement", "verified"), [(UNPROVED, False), (PROVED, True)], ids=["unproved", "proved"]
)
async def test_a_cookie_tells_it_at_once(
    app: FastAPI, people: People, database: TestDatabase, statement: str, verified: bool
) -> None:
    person = await people.register()
    answer = await person.http.post(
        "/v1/identity/login",
        params={"mode": "cookie"},
        json={"email": person.email, "password": person.password},
        headers={"sec-fetch-site": "same-origin"},
    )
    cookie = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
    await run(database, statement, person)
    told = Credentials(authorization=None, cookie=cookie)
    assert await is_verified(app, told) is verified
