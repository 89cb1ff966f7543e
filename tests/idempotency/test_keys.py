"""What a client sees that sends a request more than once under one key."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from shared_kernel.adapters.http import idempotency, replaying
from tests.catalog.shop import category, problem, tag
from tests.idempotency.catalog_calls import a_draft
from tests.idempotency.elsewhere import elsewhere_on, until_waited_for
from tests.idempotency.rows import AGE, CATEGORIES, EVENTS, FORGET_ANSWERS, NOTED, PRODUCTS, run
from tests.idempotency.world import Call
from tests.kit.cluster import TestDatabase
from tests.kit.people import People, Person
from tests.kit.running import client_of

REPLAYED = "idempotency-replayed"


async def test_of_fifty_at_once_one_is_carried_out_and_the_others_get_its_answer(
    store: TestDatabase, admin: Person
) -> None:
    call, key = a_draft(), uuid4().hex
    answers = await asyncio.gather(*(call.send(admin.http, key) for _ in range(50)))
    assert Counter(one.status_code for one in answers) == {201: 50}
    assert sum(REPLAYED in one.headers for one in answers) == 49
    assert len({(one.content, one.headers["location"]) for one in answers}) == 1
    assert await run(store, PRODUCTS, _sku(call)) == 1
    assert await run(store, EVENTS, _sku(call)) == 1


async def test_fifty_changes_of_one_version_are_one_change(admin: Person) -> None:
    made = await category(admin.http)
    path, key = made.headers["location"], uuid4().hex
    call = Call("PATCH", path, {"name": "Mallets"}, tag(made))
    answers = await asyncio.gather(*(call.send(admin.http, key) for _ in range(50)))
    assert Counter(one.status_code for one in answers) == {200: 50}
    assert {one.headers["etag"] for one in answers} == {'"v2"'}
    assert sum(REPLAYED in one.headers for one in answers) == 49


async def test_a_key_stands_for_one_request(admin: Person) -> None:
    call, key = a_draft(), uuid4().hex
    assert (await call.send(admin.http, key)).status_code == 201
    for other in (
        a_draft(),
        Call("POST", f"{call.path}?a=1", call.body),
        Call("POST", "/v1/catalog/categories", call.body),
        Call("POST", "/v1/catalog/categories", {"name": "Tools"}),
    ):
        refused = await other.send(admin.http, key)
        assert problem(refused) == (422, "idempotency_key_reused"), other
    assert (await call.send(admin.http, key)).headers[REPLAYED] == "true"


async def test_the_same_key_of_somebody_else_is_another_one(shop: FastAPI, admin: Person) -> None:
    people = People(shop)
    editor, key = await people.register("editor"), uuid4().hex
    first = await a_draft().send(admin.http, key)
    second = await a_draft().send(editor.http, key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert REPLAYED not in second.headers
    await people.close()


async def test_an_api_key_is_the_same_caller_as_its_owner(shop: FastAPI, admin: Person) -> None:
    wanted = {"name": "backup", "scope": ["catalog.products.write"]}
    secret = (await admin.http.post("/v1/identity/me/api-keys", json=wanted)).json()["key"]
    call, key = a_draft(), uuid4().hex
    first = await call.send(admin.http, key)
    async with client_of(shop, headers={"authorization": f"Bearer {secret}"}) as robot:
        again = await call.send(robot, key)
    assert again.headers[REPLAYED] == "true"
    assert again.content == first.content


async def test_whoever_acts_as_somebody_has_keys_of_their_own(shop: FastAPI, admin: Person) -> None:
    people = People(shop)
    person, call, key = await people.register("editor"), a_draft(), uuid4().hex
    assert (await call.send(person.http, key)).status_code == 201
    path = f"/v1/identity/users/{person.id}/impersonate"
    token = (await admin.http.post(path, json={"reason": "a test"})).json()["access_token"]
    async with client_of(shop, headers={"authorization": f"Bearer {token}"}) as acting:
        refused = await call.send(acting, key)
    assert problem(refused) == (409, "catalog.sku_taken")
    await people.close()


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "ümlaut", "a\tb", "\x7f"])
async def test_a_key_that_is_none_is_refused(admin: Person, store: TestDatabase, key: str) -> None:
    call = a_draft()
    headers = {b"Idempotency-Key": key.encode()}
    refused = await admin.http.post(call.path, json=call.body, headers=headers)
    assert problem(refused) == (400, "idempotency_key_invalid")
    assert await run(store, PRODUCTS, _sku(call)) == 0


async def test_two_keys_are_refused(admin: Person) -> None:
    call = a_draft()
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "a")]
    refused = await admin.http.post(call.path, json=call.body, headers=headers)
    assert problem(refused) == (400, "repeated_header")


@pytest.mark.parametrize("key", ["x", "~" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])
async def test_any_visible_characters_are_a_key(admin: Person, key: str) -> None:
    call = a_draft()
    assert (await call.send(admin.http, key)).status_code == 201
    assert (await call.send(admin.http, key)).headers[REPLAYED] == "true"


async def test_a_route_that_keeps_no_keys_says_so(shop: FastAPI, admin: Person) -> None:
    wanted = {"name": "backup", "scope": ["catalog.products.write"]}
    shown_once = Call("POST", "/v1/identity/me/api-keys", wanted)
    without_body = Call("POST", "/v1/identity/logout")
    refused = [await one.send(admin.http, "a") for one in (shown_once, without_body)]
    async with client_of(shop) as nobody:
        body = {"email": "a@example.com", "password": "nine courses of granite"}
        refused.append(await Call("POST", "/v1/identity/login", body).send(nobody, "a"))
        assert (await a_draft().send(nobody, "a")).status_code == 401
    assert {problem(one) for one in refused} == {(400, "idempotency_key_not_supported")}
    assert (await Call("GET", "/v1/catalog/products").send(admin.http, "a")).is_success


async def test_what_was_refused_can_be_tried_again(admin: Person, store: TestDatabase) -> None:
    taken = a_draft()
    await taken.send(admin.http)
    noted, key = await run(store, NOTED), uuid4().hex
    invalid = Call("POST", taken.path, {"sku": "-"})
    assert problem(await taken.send(admin.http, key)) == (409, "catalog.sku_taken")
    assert problem(await invalid.send(admin.http, key)) == (422, "invalid")
    assert await run(store, NOTED) == noted
    assert (await a_draft().send(admin.http, key)).status_code == 201


async def test_after_a_day_a_key_is_forgotten(admin: Person, store: TestDatabase) -> None:
    call, key = Call("POST", "/v1/catalog/categories", {"name": "Tools"}), uuid4().hex
    first = await call.send(admin.http, key)
    await run(store, AGE)
    second = await call.send(admin.http, key)
    assert (second.status_code, REPLAYED in second.headers) == (201, False)
    assert second.headers["location"] != first.headers["location"]
    third = await call.send(admin.http, key)
    assert third.headers["location"] == second.headers["location"]


async def test_a_large_answer_is_read_again(
    admin: Person, monkeypatch: pytest.MonkeyPatch, store: TestDatabase
) -> None:
    monkeypatch.setattr(replaying, "MOST_KEPT", 4_000)
    call, key = a_draft(description="a" * 5_000), uuid4().hex
    first = await call.send(admin.http, key)
    again = await call.send(admin.http, key)
    assert again.headers[REPLAYED] == "true"
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert await run(store, PRODUCTS, _sku(call)) == 1


async def test_a_body_that_is_too_large_is_refused_as_ever(admin: Person) -> None:
    async def parts() -> AsyncGenerator[bytes]:
        for _ in range(20):
            yield b"a" * 100_000

    refused = await admin.http.post(
        "/v1/catalog/products",
        content=parts(),
        headers={"Idempotency-Key": "a", "content-type": "application/json"},
    )
    assert refused.status_code == 413


async def test_of_what_is_gone_it_is_told_that_it_was_made(
    admin: Person, store: TestDatabase
) -> None:
    call, key = Call("POST", "/v1/catalog/categories", {"name": "Tools"}), uuid4().hex
    made = await call.send(admin.http, key)
    await run(store, FORGET_ANSWERS)
    assert (await admin.http.delete(made.headers["location"], headers=tag(made))).status_code == 204
    told = await call.send(admin.http, key)
    assert problem(told) == (409, "idempotency_answer_lost")
    assert told.headers["location"] == made.headers["location"]


async def test_what_another_process_commits_meanwhile_is_what_was_done(
    admin: Person, store: TestDatabase
) -> None:
    call, key = Call("POST", "/v1/catalog/categories", {"name": uuid4().hex}), uuid4().hex
    async with elsewhere_on(store) as elsewhere:
        made = await elsewhere.carries_out(call, admin.http, key)
        second = asyncio.create_task(call.send(admin.http, key))
        await elsewhere.is_waited_for()
        await elsewhere.transaction.commit()
        again = await second
    assert (again.status_code, again.headers.get(REPLAYED)) == (201, "true")
    assert again.content == made.content
    assert call.body is not None
    assert await run(store, CATEGORIES, call.body["name"]) == 1


async def test_what_another_process_does_not_finish_is_in_flight(
    admin: Person, store: TestDatabase
) -> None:
    call, key = Call("POST", "/v1/catalog/categories", {"name": "Tools"}), uuid4().hex
    async with elsewhere_on(store) as elsewhere:
        await elsewhere.carries_out(call, admin.http, key)
        refused = await call.send(admin.http, key)
        assert problem(refused) == (409, "idempotency_key_in_flight")
        assert refused.headers["retry-after"] == "1"
        await elsewhere.transaction.rollback()
        assert REPLAYED not in (await call.send(admin.http, key)).headers


async def test_what_this_process_does_not_finish_is_in_flight(
    admin: Person, store: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0.2)
    call, key = Call("POST", "/v1/catalog/categories", {"name": "Tools"}), uuid4().hex
    connection = await asyncpg.connect(store.owner_url)
    async with connection.transaction():
        await connection.execute("lock table catalog.categories in exclusive mode")
        first = asyncio.create_task(call.send(admin.http, key))
        await until_waited_for(connection)
        refused = await call.send(admin.http, key)
        assert problem(refused) == (409, "idempotency_key_in_flight")
    assert (await first).status_code == 201
    await connection.close()


def _sku(call: Call) -> str:
    assert call.body is not None
    return str(call.body["sku"])
