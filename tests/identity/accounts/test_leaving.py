"""Taking one's data along, closing, and being forgotten."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx2

from tests.identity.accounts.desk import (
    ERASED,
    IDENTITY,
    Desk,
    assert_link_refused,
    assert_unauthenticated,
    bearer,
)
from tests.kit.people import PASSWORD, People
from tests.kit.smtp import Mailbox

PATIENCE_SECONDS = 5.0


async def test_the_export_holds_what_every_module_knows_and_no_secret(people: People) -> None:
    person = await people.register(role="editor")
    body = {"sku": "OWN-1", "name": "A stone", "price": {"amount": "1.00", "currency": "EUR"}}
    assert (await person.http.post("/v1/catalog/products", json=body)).status_code == 201

    answer = await person.http.get(f"{IDENTITY}/me/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    data: dict[str, Any] = answer.json()["data"]
    assert set(data) >= {"access", "audit", "catalog", "identity"}
    [account] = data["identity"]["accounts"]
    assert account["email"] == person.email
    assert len(data["identity"]["sessions"]) == 1
    assert [one["role"] for one in data["access"]["roles"]] == ["editor"]
    assert [one["sku"] for one in data["catalog"]["products"]] == ["OWN-1"]
    acts = {one["action"] for one in data["audit"]["acts"] + data["audit"]["about"]}
    assert {"identity.signed_in", "identity.data_exported"} <= acts
    for secret in ("argon2", "_hash", "app_rt_", "secret"):
        assert secret not in answer.text


async def test_one_export_holds_nothing_of_others(people: People) -> None:
    mine, other = await people.register(), await people.register()
    answer = await mine.http.get(f"{IDENTITY}/me/export")
    assert other.email not in answer.text
    assert str(other.id) not in answer.text


async def test_erasing_asks_for_the_password_and_forgets_who_it_was(desk: Desk) -> None:
    email = await desk.settled()
    access = await desk.signed_in(email)
    reset = await desk.forgotten(email)
    refused = await desk.post("/me/erase", token=access, password="the wrong password")
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.wrong_password")

    assert (await desk.post("/me/erase", token=access, password=PASSWORD)).status_code == 204
    assert_unauthenticated(await desk.me(access))
    assert_unauthenticated(await desk.login(email))
    assert_link_refused(await desk.post_link("/reset-password", reset, password=PASSWORD))
    assert (await desk.mail(email, ERASED)).subject == ERASED
    assert await desk.mailbox.nothing_for(email)
    await _until_nowhere(desk, email)
    await desk.settled(email)  # the address is free


async def test_an_erased_account_keeps_no_place_it_was_used_from(desk: Desk) -> None:
    email = await desk.settled()
    answer = await desk.http.post(
        f"{IDENTITY}/login",
        json={"email": email, "password": PASSWORD},
        headers={"user-agent": "A very personal browser"},
    )
    access = answer.json()["access_token"]
    await desk.post("/me/erase", token=access, password=PASSWORD)
    rows = await desk.rows("select address, user_agent, name from identity.sessions")
    assert {tuple(row) for row in rows} == {(None, None, None)}


async def test_erasing_reaches_the_catalog(people: People, client: httpx2.AsyncClient) -> None:
    seller = await people.register(role="editor")
    published, draft = await _product(seller.http, "SOLD-1"), await _product(seller.http, "DRAFT-1")
    await seller.http.post(f"/v1/catalog/products/{published}/publish")
    manager = await people.register(role="administrator")
    erased = await seller.http.post(f"{IDENTITY}/me/erase", json={"password": PASSWORD})
    assert erased.status_code == 204, erased.text

    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        shown = [
            (await manager.http.get(f"/v1/catalog/products/{one}")).json()
            for one in (published, draft)
        ]
        if all(one["status"] == "withdrawn" and one["owner_id"] is None for one in shown):
            break
        assert asyncio.get_running_loop().time() < deadline, shown
        await asyncio.sleep(0.02)
    assert (await client.get(f"/v1/catalog/products/{published}")).status_code == 404


async def test_closing_keeps_who_it_was_and_frees_the_address(
    people: People, mailbox: Mailbox
) -> None:
    person = await people.register()
    closed = await person.http.request("DELETE", f"{IDENTITY}/me", json={"password": PASSWORD})
    assert closed.status_code == 204
    assert await mailbox.next(person.email, subject="Your account was closed")


async def test_guessing_the_password_of_a_stolen_session_is_counted(desk: Desk) -> None:
    """The same counter as for every other confirmation: one flow is no way round another."""
    access = await desk.signed_in(await desk.settled())
    before = await desk.audited("identity.confirmation_failed")
    for path in ("/me/erase", "/me/password"):
        body = {"password": "the wrong password"}
        if path.endswith("password"):
            body = {"current_password": "the wrong password", "password": "x" * 3 + PASSWORD}
        assert (await desk.post(path, token=access, **body)).status_code == 403
    assert await desk.audited("identity.confirmation_failed") == before + 2


async def _product(http: httpx2.AsyncClient, sku: str) -> str:
    body = {"sku": sku, "name": sku, "price": {"amount": "1.00", "currency": "EUR"}}
    made = await http.post("/v1/catalog/products", json=body)
    assert made.status_code == 201, made.text
    product_id: str = made.json()["id"]
    return product_id


async def _until_nowhere(desk: Desk, email: str) -> None:
    """The outbox holds the address until the farewell is delivered, and some seconds longer."""
    kept = {
        table: json.dumps([str(row) for row in await desk.rows(f"select * from {table}")])
        for table in (
            "identity.accounts",
            "identity.sessions",
            "identity.links",
            "audit.events",
        )
    }
    assert [table for table, rows in kept.items() if email in rows] == []


async def test_an_access_token_alone_neither_closes_nor_erases(desk: Desk) -> None:
    access = await desk.signed_in(await desk.settled())
    assert (await desk.post("/me/erase", token=access)).status_code == 403
    closed = await desk.http.request("DELETE", f"{IDENTITY}/me", json={}, headers=bearer(access))
    assert closed.status_code == 403
    assert (await desk.me(access)).status_code == 200
