"""Stocks over HTTP: who sees and moves them, and what happens when many do at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx2
import pytest

from tests.catalog.shop import PRODUCTS, listed, pointers, problem, publish, tag
from tests.kit.people import People, Person

AT_ONCE = 50


async def variant(http: httpx2.AsyncClient, on_hand: int = 0) -> str:
    """Make a variant of a published product with so many on hand, and return its place."""
    product = (await publish(http)).json()["id"]
    added = await http.post(f"{PRODUCTS}/{product}/variants", json={"sku": f"S-{product}"})
    place: str = added.headers["location"]
    if on_hand:
        assert (await adjust(http, place, on_hand)).status_code == 201
    return place


async def adjust(
    http: httpx2.AsyncClient, place: str, change: int, reason: str = "received"
) -> httpx2.Response:
    """Move a stock, and return the answer."""
    body = {"change": change, "reason": reason}
    return await http.post(f"{place}/stock/adjustments", json=body)


async def numbers(http: httpx2.AsyncClient, place: str) -> tuple[int, int]:
    """Return how many are on hand, and how many of them are reserved."""
    shown = (await http.get(f"{place}/stock")).json()
    return shown["on_hand"], shown["reserved"]


async def available(http: httpx2.AsyncClient, place: str) -> list[int]:
    """Return how many anybody can have, of each variant."""
    product = place.rpartition("/variants/")[0]
    return [one["available"] for one in await listed(http, f"{product}/availability")]


async def owner(people: People) -> Person:
    return await people.register("editor")


async def test_a_stock_begins_empty_and_is_moved_with_a_reason(people: People) -> None:
    http = (await owner(people)).http
    place = await variant(http)
    shown = await http.get(f"{place}/stock")
    told = {k: v for k, v in shown.json().items() if not k.endswith("_id")}
    assert told == {"on_hand": 0, "reserved": 0, "low_mark": None, "version": 1}
    taken_in = await adjust(http, place, 12)
    told = {k: v for k, v in taken_in.json().items() if not k.endswith(("id", "_at"))}
    assert told == {
        "cause": "received",
        "change": 12,
        "reserved_change": 0,
        "on_hand": 12,
        "reserved": 0,
        "note": "",
    }
    assert (await adjust(http, place, -5, "damaged")).json()["on_hand"] == 7
    assert await numbers(http, place) == (7, 0)
    ledger = await listed(http, f"{place}/stock/movements", limit=1)
    assert [(one["cause"], one["change"]) for one in ledger] == [("damaged", -5), ("received", 12)]
    only = await listed(http, f"{place}/stock/movements", cause="received")
    assert [one["id"] for one in only] == [taken_in.json()["id"]]


async def test_fifty_who_take_the_last_ten_at_once_get_ten(people: People) -> None:
    http = (await owner(people)).http
    place = await variant(http, 10)
    answers = await asyncio.gather(*(adjust(http, place, -1, "sold") for _ in range(AT_ONCE)))
    assert Counter(one.status_code for one in answers) == {201: 10, 409: 40}
    refused = {problem(one) for one in answers if one.status_code == 409}
    assert refused == {(409, "catalog.not_enough_stock")}
    assert await numbers(http, place) == (0, 0)
    sold = await listed(http, f"{place}/stock/movements", cause="sold")
    assert sorted(one["on_hand"] for one in sold) == [*range(10)]


async def test_fifty_who_reserve_the_last_ten_at_once_get_ten(people: People) -> None:
    http = (await owner(people)).http
    place = await variant(http, 10)
    racing = [http.post(f"{place}/reservations", json={"quantity": 1}) for _ in range(AT_ONCE)]
    answers = await asyncio.gather(*racing)
    assert Counter(one.status_code for one in answers) == {201: 10, 409: 40}
    assert await numbers(http, place) == (10, 10)
    assert await available(http, place) == [0]


async def test_one_reservation_taken_fifty_times_at_once_is_taken_once(people: People) -> None:
    http = (await owner(people)).http
    place = await variant(http, 10)
    made = await http.post(f"{place}/reservations", json={"quantity": 3})
    here = made.headers["location"]
    answers = await asyncio.gather(*(http.post(f"{here}/commit") for _ in range(AT_ONCE)))
    assert {(one.status_code, one.json()["state"]) for one in answers} == {(200, "committed")}
    assert await numbers(http, place) == (7, 0)
    assert len(await listed(http, f"{place}/stock/movements", cause="committed")) == 1


async def test_what_is_reserved_can_be_given_back_once_and_is_nobody_elses_meanwhile(
    people: People,
) -> None:
    http = (await owner(people)).http
    place = await variant(http, 5)
    made = await http.post(f"{place}/reservations", json={"quantity": 4})
    here = made.headers["location"]
    assert (await http.get(here)).json() == made.json()
    assert await available(http, place) == [1]
    for answer in (
        await adjust(http, place, -2, "sold"),
        await http.post(f"{place}/reservations", json={"quantity": 2}),
    ):
        assert problem(answer) == (409, "catalog.not_enough_stock")
    for _ in range(2):
        assert (await http.post(f"{here}/release")).json()["state"] == "released"
    assert problem(await http.post(f"{here}/commit")) == (409, "catalog.reservation_over")
    assert await numbers(http, place) == (5, 0)
    assert [one["state"] for one in await listed(http, f"{place}/reservations")] == ["released"]
    assert await listed(http, f"{place}/reservations", state="held") == []


async def test_a_variant_goes_when_nothing_of_it_is_promised(people: People) -> None:
    http = (await owner(people)).http
    place = await variant(http, 5)
    shown = await http.get(place)
    made = await http.post(f"{place}/reservations", json={"quantity": 1})
    kept = await http.delete(place, headers=tag(shown))
    assert problem(kept) == (409, "catalog.variant_reserved")
    await http.post(f"{made.headers['location']}/release")
    assert (await http.delete(place, headers=tag(shown))).status_code == 204
    assert problem(await http.get(f"{place}/stock")) == (404, "catalog.no_such_variant")
    ledger = await listed(http, f"{place}/stock/movements")
    assert [one["cause"] for one in ledger] == ["released", "reserved", "received"]


async def test_few_left_is_told_once_each_time_it_comes_to_that(people: People) -> None:
    http = (await owner(people)).http
    place = await variant(http, 5)
    shown = await http.get(f"{place}/stock")
    marked = await http.patch(f"{place}/stock", json={"low_mark": 2}, headers=tag(shown))
    assert (marked.status_code, marked.json()["low_mark"]) == (200, 2)
    stale = await http.patch(f"{place}/stock", json={"low_mark": 3}, headers=tag(shown))
    assert problem(stale) == (412, "stale")
    for change in (-2, -1, -1, 3, -3):  # 3, 2: low, 1, 4, 1: low again
        assert (await adjust(http, place, change, "other")).status_code == 201
    boss = await people.register("administrator")
    log = await listed(boss.http, "/v1/audit/events", action="catalog.StockLow")
    product = place.split("/")[4]
    assert [one["subject_id"] for one in log if one["subject_id"] == product] == [product] * 2


async def test_what_is_not_published_is_not_reserved(people: People) -> None:
    person = await people.register("administrator")
    place = await variant(person.http, 5)
    await person.http.post(f"{place.rpartition('/variants/')[0]}/archive")
    answer = await person.http.post(f"{place}/reservations", json={"quantity": 1})
    assert problem(answer) == (409, "catalog.not_for_sale")


async def test_everybody_sees_what_can_be_had_and_its_keepers_see_the_rest(
    people: People, client: httpx2.AsyncClient
) -> None:
    keeper, viewer, other = await owner(people), await people.register(), await owner(people)
    place = await variant(keeper.http, 5)
    for http in (client, viewer.http, other.http):
        assert await available(http, place) == [5]
    for path in ("stock", "stock/movements", "reservations"):
        assert (await client.get(f"{place}/{path}")).status_code == 401
        assert problem(await viewer.http.get(f"{place}/{path}"))[0] == 403
        assert problem(await other.http.get(f"{place}/{path}"))[0] == 403
    assert problem(await adjust(other.http, place, 1))[0] == 403
    assert problem(await viewer.http.post(f"{place}/reservations", json={"quantity": 1}))[0] == 403
    sold = await other.http.post(f"{place}/reservations", json={"quantity": 1})
    assert (sold.status_code, sold.json()["holder_id"]) == (201, str(other.id))
    hidden = f"{place.rpartition('/variants/')[0]}"
    await keeper.http.post(f"{hidden}/archive")
    assert problem(await client.get(f"{hidden}/availability")) == (404, "catalog.no_such_product")
    assert problem(await adjust(other.http, place, 1)) == (404, "catalog.no_such_product")


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("stock/adjustments", {"change": 0, "reason": "sold"}, "/body/change"),
        ("stock/adjustments", {"change": 1_000_001, "reason": "found"}, "/body/change"),
        ("stock/adjustments", {"change": 1.5, "reason": "found"}, "/body/change"),
        ("stock/adjustments", {"change": "1", "reason": "found"}, "/body/change"),
        ("stock/adjustments", {"change": 1, "reason": "reserved"}, "/body/reason"),
        ("stock/adjustments", {"change": 1, "reason": "found", "note": "x" * 201}, "/body/note"),
        ("reservations", {"quantity": 0}, "/body/quantity"),
        ("reservations", {"quantity": 1, "seconds": 9}, "/body/seconds"),
        ("reservations", {"quantity": 1, "seconds": 604_801}, "/body/seconds"),
    ],
)
async def test_what_breaks_a_rule_is_pointed_at(
    people: People, path: str, body: dict[str, Any], pointer: str
) -> None:
    http = (await owner(people)).http
    place = await variant(http, 5)
    answer = await http.post(f"{place}/{path}", json=body)
    assert (answer.status_code, pointers(answer)) == (422, {pointer})
