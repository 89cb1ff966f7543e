"""Variants over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from tests.catalog.shop import PRODUCTS, draft, listed, pointers, problem, publish, tag
from tests.kit.people import People

GREY = {"size": "M", "color": "grey"}


async def add(http: httpx2.AsyncClient, place: str, **body: Any) -> httpx2.Response:
    """Add a variant to a product, and return the answer."""
    answer = await http.post(f"{place}/variants", json=body)
    assert answer.status_code == 201, answer.text
    return answer


async def test_a_variant_is_added_shown_changed_and_deleted(people: People) -> None:
    http = (await people.register("editor")).http
    product = await draft(http)
    place = product.headers["location"]
    price = {"amount": "12.50", "currency": "EUR"}
    added = await add(
        http, place, sku="A-M", options=GREY, barcode="4006381333931", price=price, position=2
    )
    here = added.headers["location"]
    assert here == f"{place}/variants/{added.json()['id']}"
    told = {k: v for k, v in added.json().items() if k not in {"id", "created_at"}}
    assert told == {
        "product_id": product.json()["id"],
        "sku": "A-M",
        "options": GREY,
        "barcode": "4006381333931",
        "price": price,
        "position": 2,
        "version": 1,
    }
    shown = await http.get(here)
    assert (shown.json(), shown.headers["etag"]) == (added.json(), added.headers["etag"])
    assert (await http.get(here, headers={"If-None-Match": '"v1"'})).status_code == 304
    change = {"price": None, "options": {"size": "L"}}
    changed = await http.patch(here, json=change, headers=tag(shown))
    assert changed.json() == shown.json() | change | {"version": 2}
    assert (await http.get(here)).json() == changed.json()
    stale = await http.patch(here, json={"position": 1}, headers=tag(shown))
    assert problem(stale) == (412, "stale")
    assert problem(await http.patch(here, json={"position": 1}))[0] == 428
    assert problem(await http.delete(here, headers=tag(shown))) == (412, "stale")
    assert (await http.delete(here, headers=tag(changed))).status_code == 204
    assert problem(await http.get(here)) == (404, "catalog.no_such_variant")
    await add(http, place, sku="A-M")


async def test_variants_are_listed_in_their_order_page_by_page(people: People) -> None:
    http = (await people.register("editor")).http
    place = (await draft(http)).headers["location"]
    assert await listed(http, f"{place}/variants") == []
    for number in (3, 1, 2):
        await add(http, place, sku=f"S-{number}", options={"n": str(number)}, position=number)
    shown = await listed(http, f"{place}/variants", limit=2)
    assert [one["sku"] for one in shown] == ["S-1", "S-2", "S-3"]


async def test_skus_are_unique_among_all_variants_and_options_in_a_product(people: People) -> None:
    http = (await people.register("editor")).http
    place, other = [(await draft(http)).headers["location"] for _ in range(2)]
    await add(http, place, sku="A", options=GREY)
    taken = await http.post(f"{other}/variants", json={"sku": "A"})
    assert (problem(taken), pointers(taken)) == ((409, "catalog.variant_sku_taken"), {"/body/sku"})
    again = await http.post(f"{place}/variants", json={"sku": "B", "options": GREY})
    assert (problem(again), pointers(again)) == ((409, "catalog.options_taken"), {"/body/options"})
    await add(http, other, sku="B", options=GREY)


async def test_fifty_at_once_with_one_sku_are_one_variant(people: People) -> None:
    http = (await people.register("editor")).http
    places = [(await draft(http)).headers["location"] for _ in range(5)]
    racing = [
        http.post(f"{places[number % 5]}/variants", json={"sku": "A", "options": {}})
        for number in range(50)
    ]
    answers = await asyncio.gather(*racing)
    codes = sorted(one.status_code for one in answers)
    assert codes == [201] + [409] * 49
    refusals = {one.json()["code"] for one in answers if one.status_code == 409}
    assert refusals <= {"catalog.variant_sku_taken", "catalog.options_taken"}


async def test_who_may_not_read_the_product_knows_of_no_variant(
    people: People, client: httpx2.AsyncClient
) -> None:
    owner, other = await people.register("editor"), await people.register("editor")
    place = (await draft(owner.http)).headers["location"]
    here = (await add(owner.http, place, sku="A")).headers["location"]
    for http in (client, other.http):
        for path in (here, f"{place}/variants"):
            assert problem(await http.get(path)) == (404, "catalog.no_such_product")
    for answer in (
        await other.http.post(f"{place}/variants", json={"sku": "B"}),
        await other.http.patch(here, json={"sku": "B"}, headers={"If-Match": '"v1"'}),
        await other.http.delete(here, headers={"If-Match": '"v1"'}),
    ):
        assert problem(answer) == (404, "catalog.no_such_product")
    await owner.http.post(f"{place}/publish")
    assert [one["sku"] for one in await listed(client, f"{place}/variants")] == ["A"]
    assert (await client.get(here)).json()["sku"] == "A"
    refused = await other.http.post(f"{place}/variants", json={"sku": "B"})
    assert problem(refused) == (403, "permission_denied")


async def test_a_variant_is_found_at_its_own_product_only(people: People) -> None:
    http = (await people.register("editor")).http
    place = (await draft(http)).headers["location"]
    id = (await add(http, place, sku="A")).json()["id"]
    elsewhere = f"{(await draft(http)).headers['location']}/variants/{id}"
    for answer in (
        await http.get(elsewhere),
        await http.patch(elsewhere, json={}, headers={"If-Match": '"v1"'}),
        await http.delete(elsewhere, headers={"If-Match": '"v1"'}),
    ):
        assert problem(answer) == (404, "catalog.no_such_variant")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/body/sku"),
        ({"sku": "A B"}, "/body/sku"),
        ({"sku": "A", "options": {"a": 1}}, "/body/options"),
        ({"sku": "A", "options": {"a": "x" * 65}}, "/body/options"),
        ({"sku": "A", "options": {str(n): "x" for n in range(6)}}, "/body/options"),
        ({"sku": "A", "options": {"a": "1", "a ": "2"}}, "/body/options"),
        ({"sku": "A", "barcode": "4006381333932"}, "/body/barcode"),
        ({"sku": "A", "barcode": "12"}, "/body/barcode"),
        ({"sku": "A", "price": {"amount": "1.001", "currency": "EUR"}}, "/body/price/amount"),
        ({"sku": "A", "price": {"amount": "1E+999999", "currency": "EUR"}}, "/body/price/amount"),
        ({"sku": "A", "price": {"amount": "-0", "currency": "EUR"}}, "/body/price/amount"),
        ({"sku": "A", "price": {"amount": "1", "currency": "XXX"}}, "/body/price/currency"),
        ({"sku": "A", "position": 1_000_001}, "/body/position"),
        ({"sku": "A", "stock": 1}, "/body"),
    ],
)
async def test_what_breaks_a_rule_is_pointed_at(
    people: People, body: dict[str, Any], pointer: str
) -> None:
    http = (await people.register("editor")).http
    place = (await draft(http)).headers["location"]
    answer = await http.post(f"{place}/variants", json=body)
    assert (answer.status_code, pointers(answer)) == (422, {pointer})


async def test_variants_of_a_published_product_keep_their_skus(people: People) -> None:
    http = (await people.register("editor")).http
    product = await publish(http)
    place = f"{PRODUCTS}/{product.json()['id']}"
    added = await add(http, place, sku="A")
    here = added.headers["location"]
    kept = await http.patch(here, json={"sku": "B"}, headers=tag(added))
    assert problem(kept) == (409, "catalog.variant_sku_fixed")
    assert (await http.post(f"{place}/archive")).status_code == 200
    late = await http.post(f"{place}/variants", json={"sku": "C"})
    assert problem(late) == (409, "catalog.already_archived")
