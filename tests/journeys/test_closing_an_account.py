"""Somebody sells, closes their account, and what they sold is gone: the modules talk."""

from __future__ import annotations

import asyncio

import httpx2

from tests.kit.people import People, Person

PATIENCE_SECONDS = 5.0


async def test_closing_an_account_withdraws_its_products(
    people: People, client: httpx2.AsyncClient
) -> None:
    seller = await people.register(role="editor")
    other = await people.register(role="editor")
    theirs = [await _published(seller, f"MINE-{number}") for number in range(3)]
    kept = await _published(other, "OTHER-1")
    before = (await client.get("/v1/catalog/products")).json()["items"]
    assert {one["id"] for one in before} == {*theirs, kept}

    closed = await seller.http.request(
        "DELETE", "/v1/identity/me", json={"password": seller.password}
    )
    assert closed.status_code == 204, closed.text

    await _until_gone(client, theirs)
    after = (await client.get("/v1/catalog/products")).json()["items"]
    assert [one["id"] for one in after] == [kept]


async def test_the_sessions_of_a_closed_account_end_at_once(people: People) -> None:
    person = await people.register()
    await person.http.request("DELETE", "/v1/identity/me", json={"password": person.password})
    assert (await person.http.get("/v1/identity/me")).status_code == 401


async def test_what_a_subscriber_did_is_in_the_audit_log(people: People) -> None:
    administrator = await people.register(role="administrator")
    seller = await people.register(role="editor")
    product = await _published(seller, "AUDITED-1")
    await seller.http.request("DELETE", "/v1/identity/me", json={"password": seller.password})
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    actions: list[str] = []
    while "catalog.ProductWithdrawn" not in actions:
        assert asyncio.get_running_loop().time() < deadline, actions
        page = await administrator.http.get(f"/v1/audit/events?subject_id={product}")
        actions = [one["action"] for one in page.json()["items"]]
    assert "catalog.ProductPublished" in actions


async def _published(seller: Person, sku: str) -> str:
    body = {"sku": sku, "name": sku, "price": {"amount": "1.00", "currency": "EUR"}}
    made = await seller.http.post("/v1/catalog/products", json=body)
    assert made.status_code == 201, made.text
    product_id: str = made.json()["id"]
    published = await seller.http.post(f"/v1/catalog/products/{product_id}/publish")
    assert published.status_code == 200, published.text
    return product_id


async def _until_gone(client: httpx2.AsyncClient, products: list[str]) -> None:
    """Wait for the event to be heard; it is delivered within moments, not within the request."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    for product_id in products:
        while (await client.get(f"/v1/catalog/products/{product_id}")).status_code == 200:
            assert asyncio.get_running_loop().time() < deadline, "still on the shelves"
            await asyncio.sleep(0.02)
