"""What API keys open over HTTP, and what they never do."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
from fastapi import FastAPI

from tests.kit.cluster import TestDatabase
from tests.kit.people import PASSWORD, People, Person
from tests.kit.programs import MY_KEYS, PUBLISH, WRITE, a_key, bearer, drafting
from tests.kit.running import client_of


async def test_keys_are_refused_where_people_sign_in(app: FastAPI, people: People) -> None:
    person = await people.register(role="administrator")
    made = await a_key(person, scope=[WRITE, "identity.service-accounts.write"])
    other = f"{MY_KEYS}/{made['id']}"
    async with client_of(app, headers=bearer(made["key"])) as http:
        for method, path in (
            ("GET", "/v1/identity/me"),
            ("GET", "/v1/identity/me/sessions"),
            ("DELETE", "/v1/identity/me/sessions"),
            ("POST", "/v1/identity/logout"),
            ("GET", MY_KEYS),
            ("POST", MY_KEYS),
            ("PATCH", other),
            ("DELETE", other),
            ("POST", f"{other}/rotate"),
        ):
            answer = await http.request(method, path, json={} if method != "GET" else None)
            assert answer.status_code in {401, 403}, (method, path)
            assert answer.json()["code"] == "api_key_not_accepted", (method, path)
        secret = await http.post(f"/v1/identity/service-accounts/{uuid4()}/secrets", json={})
        assert (secret.status_code, secret.json()["code"]) == (403, "api_key_not_accepted")


async def test_a_key_is_a_bearer_token_and_nothing_else(app: FastAPI, people: People) -> None:
    person = await people.register(role="editor")
    key = (await a_key(person))["key"]
    async with client_of(app) as http:
        for headers in (
            {"authorization": key},
            {"authorization": f"Basic {key}"},
            {"authorization": f"Token {key}"},
            {"x-api-key": key},
            {"cookie": f"__Host-session={key}"},
        ):
            answer = await http.post("/v1/catalog/products", json={}, headers=headers)
            assert answer.status_code == 401, headers
        query = await http.post(f"/v1/catalog/products?access_token={key}", json={})
        assert query.status_code == 401
        for path, body in (
            ("/v1/identity/refresh", {"refresh_token": key}),
            ("/v1/identity/login", {"email": person.email, "password": key}),
        ):
            assert (await http.post(path, json=body)).status_code == 401, path


async def test_what_is_no_key_in_force_is_refused(app: FastAPI, people: People) -> None:
    person = await people.register(role="editor")
    key, other = (await a_key(person))["key"], (await a_key(person))["key"]
    tampered = key[:20] + ("A" if key[20] != "A" else "B") + key[21:]
    mixed = other[:30] + key[30:]
    for text in (
        tampered,
        mixed,
        key + "x",
        key[:-1],
        key.replace("pat", "sat"),
        person.refresh_token,
    ):
        answer = await drafting(app, text, "SLATE-3")
        assert answer.status_code == 401, text
        assert answer.headers["www-authenticate"] == "Bearer"
        assert text not in answer.text


async def test_a_key_of_a_closed_or_suspended_account_is_refused_at_once(
    app: FastAPI, people: People, database: TestDatabase
) -> None:
    person = await people.register(role="editor")
    key = (await a_key(person, scope=[WRITE, PUBLISH]))["key"]
    connection = await asyncpg.connect(database.owner_url)
    try:
        suspend = "update identity.accounts set status = $2 where id = $1"
        await connection.execute(suspend, person.id, "suspended")
        assert (await drafting(app, key, "SLATE-9")).status_code == 401
        await connection.execute(suspend, person.id, "active")
        assert (await drafting(app, key, "SLATE-9")).status_code == 201
    finally:
        await connection.close()
    body = {"password": PASSWORD}
    closed = await person.http.request("DELETE", "/v1/identity/me", json=body)
    assert closed.status_code == 204
    assert (await drafting(app, key, "SLATE-10")).status_code == 401


async def last_use(person: Person, path: str) -> str | None:
    shown: dict[str, str | None] = (await person.http.get(path)).json()
    return shown["last_used_at"]


async def test_the_owner_sees_when_a_key_was_last_used(app: FastAPI, people: People) -> None:
    person = await people.register(role="editor")
    made = await a_key(person)
    path = f"{MY_KEYS}/{made['id']}"
    assert made["last_used_at"] is None
    assert (await drafting(app, made["key"], "SLATE-11")).status_code == 201
    async with asyncio.timeout(5):
        while (first := await last_use(person, path)) is None:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)
    assert (await person.http.get(path)).json()["version"] == 1, "being used is no change"
    assert (await drafting(app, made["key"], "SLATE-12")).status_code == 201
    await asyncio.sleep(1.2)
    assert await last_use(person, path) == first, "once a minute"
