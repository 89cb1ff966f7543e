"""Prices over HTTP: which is in force, what may change of them, and who sees what."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from tests.catalog.shop import PRODUCTS, draft, listed, pointers, problem, publish, tag
from tests.kit.people import People

SOON = datetime.now(UTC) + timedelta(days=1)
LATER, MUCH_LATER = SOON + timedelta(days=1), SOON + timedelta(days=9)
PAST = SOON - timedelta(days=2)


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


async def shop(people: People) -> tuple[httpx2.AsyncClient, str, str]:
    """Return who sells, the place of a published product for 38.50 EUR, and a variant of it."""
    http = (await people.register("editor")).http
    place = f"{PRODUCTS}/{(await publish(http)).json()['id']}"
    variant = await http.post(f"{place}/variants", json={"sku": place.rpartition("/")[2]})
    return http, place, variant.json()["id"]


async def listing(http: httpx2.AsyncClient, place: str, **body: Any) -> httpx2.Response:
    """Set a price, and return the answer."""
    sent = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in body.items()}
    answer = await http.post(f"{place}/prices", json=sent)
    assert answer.status_code == 201, answer.text
    return answer


async def costs(
    http: httpx2.AsyncClient, place: str, at: datetime | None = None, *, variant: str | None = None
) -> tuple[str, str]:
    """Return what it costs, and where the price comes from."""
    query = {"currency": "EUR"}
    if at is not None:
        query["at"] = at.isoformat()
    if variant is not None:
        query["variant_id"] = variant
    answer = await http.get(f"{place}/price", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["price"]["amount"], answer.json()["source"]


async def test_the_more_exact_price_wins_and_a_listed_one_before_its_own(people: People) -> None:
    http, place, variant = await shop(people)
    assert await costs(http, place, variant=variant) == ("38.50", "product")
    await listing(http, place, price=euros("30.00"))
    assert await costs(http, place, variant=variant) == ("30.00", "product_list")
    here = f"{place}/variants/{variant}"
    shown = await http.get(here)
    await http.patch(here, json={"price": euros("44.00")}, headers=tag(shown))
    assert await costs(http, place, variant=variant) == ("44.00", "variant")
    await listing(http, place, price=euros("40.00"), variant_id=variant)
    assert await costs(http, place, variant=variant) == ("40.00", "variant_list")
    assert await costs(http, place) == ("30.00", "product_list")


async def test_each_currency_and_time_has_its_price(
    people: People, client: httpx2.AsyncClient
) -> None:
    http, place, _ = await shop(people)
    await listing(http, place, price={"amount": "5000", "currency": "JPY"})
    await listing(http, place, price=euros("20.00"), starts_at=SOON, ends_at=LATER)
    await listing(http, place, price=euros("25.00"), starts_at=LATER)
    assert await costs(client, place) == ("38.50", "product")
    assert await costs(client, place, SOON) == ("20.00", "product_list")
    assert await costs(client, place, LATER) == ("25.00", "product_list")
    yen = await client.get(f"{place}/price", params={"currency": "JPY"})
    assert yen.json()["price"] == {"amount": "5000", "currency": "JPY"}
    none = await client.get(f"{place}/price", params={"currency": "USD"})
    assert problem(none) == (404, "catalog.no_such_price")


async def test_no_two_prices_of_the_same_overlap(people: People) -> None:
    http, place, variant = await shop(people)
    kept = await listing(http, place, price=euros("20.00"), starts_at=SOON, ends_at=MUCH_LATER)
    body = {"price": euros("21.00"), "starts_at": LATER.isoformat()}
    over = await http.post(f"{place}/prices", json=body)
    assert (problem(over), pointers(over)) == (
        (409, "catalog.prices_overlap"),
        {"/body/starts_at"},
    )
    await listing(http, place, price=euros("21.00"), starts_at=MUCH_LATER)
    await listing(http, place, price=euros("21.00"), starts_at=SOON, variant_id=variant)
    await listing(http, place, price={"amount": "21.00", "currency": "USD"}, starts_at=SOON)
    longer = {"ends_at": None}
    answer = await http.patch(kept.headers["location"], json=longer, headers=tag(kept))
    assert problem(answer) == (409, "catalog.prices_overlap")


async def test_fifty_at_once_for_one_time_are_one_price(people: People) -> None:
    http, place, _ = await shop(people)
    body = {"price": euros("20.00"), "starts_at": SOON.isoformat()}
    racing = [http.post(f"{place}/prices", json=body) for _ in range(50)]
    answers = await asyncio.gather(*racing)
    assert Counter(one.status_code for one in answers) == {201: 1, 409: 49}
    assert len(await listed(http, f"{place}/prices")) == 1


async def test_what_was_in_force_stays_and_can_only_end(people: People) -> None:
    http, place, _ = await shop(people)
    begun = await listing(http, place, price=euros("20.00"))
    here = begun.headers["location"]
    for change in ({"price": euros("1.00")}, {"starts_at": SOON.isoformat()}):
        answer = await http.patch(here, json=change, headers=tag(begun))
        assert problem(answer) == (409, "catalog.price_in_force")
    assert problem(await http.delete(here, headers=tag(begun))) == (409, "catalog.price_in_force")
    past = await http.patch(here, json={"ends_at": PAST.isoformat()}, headers=tag(begun))
    assert past.status_code == 422
    ended = await http.patch(here, json={"ends_at": SOON.isoformat()}, headers=tag(begun))
    assert (ended.status_code, ended.json()["version"]) == (200, 2)
    assert (await http.get(here)).json() == ended.json()
    assert problem(await http.patch(here, json={}, headers=tag(begun))) == (412, "stale")


async def test_what_is_to_come_can_be_changed_and_taken_back(people: People) -> None:
    http, place, _ = await shop(people)
    planned = await listing(http, place, price=euros("20.00"), starts_at=SOON)
    here = planned.headers["location"]
    change = {"price": euros("19.00"), "starts_at": LATER.isoformat()}
    changed = await http.patch(here, json=change, headers=tag(planned))
    assert changed.json()["price"] == euros("19.00")
    assert (await http.delete(here, headers=tag(changed))).status_code == 204
    assert problem(await http.get(here)) == (404, "catalog.no_such_price")


async def test_every_change_of_a_price_is_noted_with_who_did_it_and_told(people: People) -> None:
    http, place, variant = await shop(people)
    person = next(one for one in people.made if one.http is http)
    product = await http.get(place)
    await http.patch(place, json={"price": euros("35.00")}, headers=tag(product))
    here = f"{place}/variants/{variant}"
    shown = await http.get(here)
    await http.patch(here, json={"price": euros("44.00")}, headers=tag(shown))
    planned = await listing(http, place, price=euros("20.00"), starts_at=SOON)
    await http.delete(planned.headers["location"], headers=tag(planned))
    noted = await listed(http, f"{place}/price-changes", limit=3)
    told = [(one["old"], one["new"], one["variant_id"]) for one in reversed(noted)]
    assert told == [
        (euros("38.50"), euros("35.00"), None),
        (None, euros("44.00"), variant),
        (None, euros("20.00"), None),
        (euros("20.00"), None, None),
    ]
    assert {one["actor_id"] for one in noted} == {str(person.id)}
    boss = await people.register("administrator")
    id = place.rpartition("/")[2]
    log = await listed(boss.http, "/v1/audit/events", subject_id=id, action="catalog.PriceChanged")
    assert len(log) == 4


async def test_plans_and_their_history_are_for_those_who_set_prices(
    people: People, client: httpx2.AsyncClient
) -> None:
    http, place, _ = await shop(people)
    planned = await listing(http, place, price=euros("20.00"), starts_at=SOON)
    other = await people.register("editor")
    for path in (f"{place}/prices", f"{place}/price-changes", planned.headers["location"]):
        assert (await client.get(path)).status_code == 401
        assert problem(await other.http.get(path)) == (403, "permission_denied")
    hidden = (await draft(http)).headers["location"]
    query = {"currency": "EUR"}
    unseen = await client.get(f"{hidden}/price", params=query)
    assert problem(unseen) == (404, "catalog.no_such_product")
    for path in (f"{hidden}/prices", f"{hidden}/price-changes"):
        assert problem(await other.http.get(path)) == (404, "catalog.no_such_product")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/body/price"),
        ({"price": euros("1E+999999")}, "/body/price/amount"),
        ({"price": euros("-0")}, "/body/price/amount"),
        ({"price": euros("0.30000000000000004")}, "/body/price/amount"),
        ({"price": euros("1.005")}, "/body/price/amount"),
        ({"price": euros("1.00"), "starts_at": PAST.isoformat()}, "/body/starts_at"),
        ({"price": euros("1.00"), "starts_at": "2031-01-01T00:00:00"}, "/body/starts_at"),
        ({"price": euros("1.00"), "starts_at": 1_900_000_000}, "/body/starts_at"),
        (
            {
                "price": euros("1.00"),
                "starts_at": LATER.isoformat(),
                "ends_at": SOON.isoformat(),
            },
            "/body/ends_at",
        ),
    ],
)
async def test_what_breaks_a_rule_is_pointed_at(
    people: People, body: dict[str, Any], pointer: str
) -> None:
    http, place, _ = await shop(people)
    answer = await http.post(f"{place}/prices", json=body)
    assert (answer.status_code, pointers(answer)) == (422, {pointer})


async def test_a_price_of_a_variant_needs_the_variant(people: People) -> None:
    http, place, _ = await shop(people)
    _, _, foreign = await shop(people)
    body = {"price": euros("1.00"), "variant_id": foreign}
    answer = await http.post(f"{place}/prices", json=body)
    assert problem(answer) == (404, "catalog.no_such_variant")
