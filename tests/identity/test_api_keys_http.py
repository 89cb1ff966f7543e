"""People and their API keys, over HTTP and on PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from shared_kernel.application import Clock
from tests.kit.cluster import TestDatabase
from tests.kit.identity import MovableClock
from tests.kit.people import PASSWORD, People
from tests.kit.programs import MY_KEYS, WRITE, a_key, bearer, drafting
from tests.kit.running import client_of, running


async def test_a_key_is_shown_once_and_acts_as_its_owner_within_its_scope(
    app: FastAPI, people: People
) -> None:
    person = await people.register(role="editor")
    made = await person.http.post(MY_KEYS, json={"name": "backup", "scope": [WRITE]})
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert made.headers["location"] == f"{MY_KEYS}/{made.json()['id']}"
    key = made.json()["key"]
    assert key.startswith("app_pat_")

    drafted = await drafting(app, key, "SLATE-1")
    assert drafted.status_code == 201
    assert drafted.json()["owner_id"] == str(person.id)
    path = f"/v1/catalog/products/{drafted.json()['id']}/publish"
    async with client_of(app) as http:
        refused = await http.post(path, headers=bearer(key))
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert (await person.http.post(path)).status_code == 200

    listed = await person.http.get(MY_KEYS)
    [shown] = listed.json()["items"]
    assert key not in listed.text
    assert (shown["name"], shown["scope"], shown["version"]) == ("backup", [WRITE], 1)
    shown_alone = await person.http.get(f"{MY_KEYS}/{shown['id']}")
    assert shown_alone.json().keys() == shown.keys()


async def test_the_database_holds_no_key(people: People, database: TestDatabase) -> None:
    person = await people.register()
    made = await a_key(person)
    connection = await asyncpg.connect(database.owner_url)
    try:
        rows = await connection.fetch(
            "select k::text from identity.api_keys k"
            " union all select o::text from platform.outbox o"
            " union all select e::text from audit.events e where subject_id = $1",
            made["id"],
        )
    finally:
        await connection.close()
    text = " ".join(row[0] for row in rows)
    assert made["id"] in text
    assert made["key"][8:40] not in text


async def test_a_scope_never_gives_what_the_owner_lacks(app: FastAPI, people: People) -> None:
    person = await people.register(role="viewer")
    made = await a_key(person, scope=[WRITE, "access.assignments.write"])
    assert (await drafting(app, made["key"], "SLATE-2")).status_code == 403
    async with client_of(app) as http:
        body = {"account_id": str(person.id), "role": "administrator"}
        grab = await http.post("/v1/access/assignments", json=body, headers=bearer(made["key"]))
        assert grab.status_code == 403


async def test_a_narrow_key_of_an_administrator_cannot_hand_out_what_it_lacks(
    app: FastAPI, people: People
) -> None:
    administrator, other = await people.register(role="administrator"), await people.register()
    made = await a_key(administrator, scope=["access.assignments.write"])
    async with client_of(app) as http:
        body = {"account_id": str(other.id), "role": "administrator"}
        grab = await http.post("/v1/access/assignments", json=body, headers=bearer(made["key"]))
    assert (grab.status_code, grab.json()["code"]) == (403, "access.beyond_own_rights")


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"name": "x", "scope": ["no.such.permission"]}, 422, "/body/scope"),
        ({"name": "x", "scope": []}, 422, "/body/scope"),
        ({"name": "x"}, 422, "/body/scope"),
        ({"name": " ", "scope": [WRITE]}, 422, "/body/name"),
        ({"name": "x", "scope": [WRITE], "expires_in_days": 367}, 422, "/body/expires_in_days"),
        ({"name": "x", "scope": [WRITE], "expires_in_days": True}, 422, "/body/expires_in_days"),
        ({"name": "x", "scope": [WRITE], "account_id": str(uuid4())}, 422, "/body"),
        ({"name": "x", "scope": WRITE}, 422, "/body/scope"),
    ],
)
async def test_what_is_wrong_with_a_key_is_named(
    people: People, body: dict[str, Any], status: int, pointer: str
) -> None:
    person = await people.register()
    answer = await person.http.post(MY_KEYS, json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


async def test_the_owner_renames_and_revokes_a_key_and_nobody_else_does(
    app: FastAPI, people: People
) -> None:
    person, other = await people.register(role="editor"), await people.register(role="editor")
    made = await a_key(person)
    path = f"{MY_KEYS}/{made['id']}"
    for method in ("GET", "PATCH", "DELETE"):
        body = {"name": "mine now"} if method == "PATCH" else None
        answer = await other.http.request(method, path, json=body, headers={"if-match": '"v1"'})
        assert answer.status_code == 404, method
    assert (await person.http.patch(path, json={"name": "nightly"})).status_code == 428
    renamed = await person.http.patch(path, json={"name": "nightly"}, headers={"if-match": '"v1"'})
    assert (renamed.json()["name"], renamed.headers["etag"]) == ("nightly", '"v2"')
    stale = await person.http.patch(path, json={"name": "x"}, headers={"if-match": '"v1"'})
    assert stale.status_code == 412
    assert (await person.http.delete(path)).status_code == 204
    assert (await drafting(app, made["key"], "SLATE-4")).status_code == 401
    assert (await person.http.delete(path)).status_code == 404
    assert (await person.http.get(MY_KEYS)).json()["items"] == []


async def test_of_parallel_rotations_one_succeeds_and_the_old_secret_overlaps(
    app: FastAPI, people: People
) -> None:
    person = await people.register(role="editor")
    made = await a_key(person)
    path = f"{MY_KEYS}/{made['id']}/rotate"
    body = {"overlap_seconds": 3600}
    answers = await asyncio.gather(
        *(person.http.post(path, json=body, headers={"if-match": '"v1"'}) for _ in range(20))
    )
    assert sorted(one.status_code for one in answers) == [200] + [412] * 19
    [rotated] = [one.json() for one in answers if one.status_code == 200]
    assert rotated["key"] != made["key"]
    for turn, key in enumerate((made["key"], rotated["key"])):
        assert (await drafting(app, key, f"SLATE-5-{turn}")).status_code == 201
    at_once = await person.http.post(path, json={}, headers={"if-match": '"v2"'})
    assert at_once.status_code == 200
    for turn, key in enumerate((made["key"], rotated["key"])):
        assert (await drafting(app, key, f"SLATE-6-{turn}")).status_code == 401
    too_long = await person.http.post(
        path, json={"overlap_seconds": 86_401}, headers={"if-match": '"v3"'}
    )
    assert too_long.status_code == 422


async def test_fifty_keys_are_the_most_however_they_are_asked_for(people: People) -> None:
    person = await people.register()
    body = {"name": "one of many", "scope": [WRITE]}

    async def ask() -> httpx2.Response:
        """Ask, and again where so many at once were too many for the database."""
        while (answer := await person.http.post(MY_KEYS, json=body)).status_code == 503:
            pass
        return answer

    answers = await asyncio.gather(*(ask() for _ in range(60)))
    assert sorted(one.status_code for one in answers) == [201] * 50 + [409] * 10
    assert len((await person.http.get(MY_KEYS)).json()["items"]) == 50


async def test_making_and_rotating_ask_for_a_fresh_proof_and_keys_expire(
    settings: PlatformSettings, people: People, client: httpx2.AsyncClient
) -> None:
    person = await people.register(role="editor")
    clock = MovableClock(datetime.now(UTC))
    async with running(settings, replace={Clock: clock}) as app, client_of(app) as http:
        login = {"email": person.email, "password": PASSWORD}
        token = (await http.post("/v1/identity/login", json=login)).json()
        http.headers.update(bearer(token["access_token"]))
        body = {"name": "backup", "scope": [WRITE], "expires_in_days": 1}
        made = (await http.post(MY_KEYS, json=body)).json()
        assert (await drafting(app, made["key"], "SLATE-7")).status_code == 201
        clock.move(timedelta(minutes=10, seconds=1))
        refreshed = {"refresh_token": token["refresh_token"]}
        token = (await http.post("/v1/identity/refresh", json=refreshed)).json()
        http.headers.update(bearer(token["access_token"]))
        rotate = f"{MY_KEYS}/{made['id']}/rotate"
        for path in (MY_KEYS, rotate):
            answer = await http.post(path, json=body, headers={"if-match": '"v1"'})
            assert answer.status_code == 401, path
            assert 'max_age="600"' in answer.headers["www-authenticate"]
        assert (await http.get(MY_KEYS)).status_code == 200
        clock.move(timedelta(hours=23, minutes=50))
        assert (await drafting(app, made["key"], "SLATE-8")).status_code == 401


async def test_what_happens_to_keys_is_audited(people: People) -> None:
    administrator, person = await people.register(role="administrator"), await people.register()
    made = await a_key(person)
    path = f"{MY_KEYS}/{made['id']}"
    await person.http.patch(path, json={"name": "other"}, headers={"if-match": '"v1"'})
    await person.http.post(f"{path}/rotate", json={}, headers={"if-match": '"v2"'})
    await person.http.delete(path)
    log = await administrator.http.get("/v1/audit/events", params={"subject_id": made["id"]})
    told = [(one["action"], one["actor_id"]) for one in log.json()["items"]]
    assert {action for action, _ in told} == {
        "identity.ApiKeyCreated",
        "identity.api_key_renamed",
        "identity.ApiKeyRotated",
        "identity.ApiKeyRevoked",
    }
    assert {actor for _, actor in told} == {str(person.id)}
