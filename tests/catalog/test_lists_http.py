"""Lists of products over HTTP: filters, orders, pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import asyncpg
import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.catalog.shop import PRODUCTS, category, draft, listed, problem, publish
from tests.kit.cluster import TestDatabase
from tests.kit.people import People, Person

SORTS = ["created_at", "-created_at", "name", "-name", "price", "-price"]


async def shop(people: People) -> Person:
    """Fill a small shop: of each product, SKU, name, price."""
    editor = await people.register("editor")
    for sku, name, amount, currency in (
        ("CHI-1", "Point chisel", "16.90", "EUR"),
        ("CHI-2", "point, 100%", "24.50", "EUR"),
        ("CHI-3", "Claw_chisel", "24.50", "USD"),
        ("MAL-1", "Mallet \\ beech", "34", "EUR"),
    ):
        price = {"amount": amount, "currency": currency}
        await publish(editor.http, sku=sku, name=name, price=price)
    return editor


def skus(items: list[dict[str, Any]]) -> list[str]:
    return [one["sku"] for one in items]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "POINT"}, ["CHI-1", "CHI-2"]),
        ({"q": "point, 100%"}, ["CHI-2"]),
        ({"q": "%"}, []),
        ({"q": "Claw_"}, ["CHI-3"]),
        ({"q": "Poin_"}, []),
        ({"q": "Mallet \\"}, ["MAL-1"]),
        ({"q": "chisel"}, []),
        ({"sku": "CHI-2"}, ["CHI-2"]),
        ({"sku.in": "CHI-3,CHI-1,NONE"}, ["CHI-1", "CHI-3"]),
        ({"price.gte": "24.50"}, ["CHI-2", "CHI-3", "MAL-1"]),
        ({"price.lte": "24.50", "currency": "EUR"}, ["CHI-1", "CHI-2"]),
        ({"price.gte": "20", "price.lte": "30"}, ["CHI-2", "CHI-3"]),
        ({"currency": "USD"}, ["CHI-3"]),
        ({"status": "published"}, ["CHI-1", "CHI-2", "CHI-3", "MAL-1"]),
        ({"status": "draft"}, []),
    ],
)
async def test_a_filter_shows_what_meets_it(
    people: People, client: httpx2.AsyncClient, query: dict[str, str], expected: list[str]
) -> None:
    await shop(people)
    found = await listed(client, PRODUCTS, **query, sort="created_at")
    assert skus(found) == expected


async def test_the_orders_are_what_they_say(people: People, client: httpx2.AsyncClient) -> None:
    await shop(people)
    order = {sort: skus(await listed(client, PRODUCTS, sort=sort, limit=1)) for sort in SORTS}
    assert order["created_at"] == ["CHI-1", "CHI-2", "CHI-3", "MAL-1"]
    assert order["price"] == ["CHI-1", "CHI-2", "CHI-3", "MAL-1"]
    assert order["name"] == sorted(order["name"], key=["CHI-3", "MAL-1", "CHI-1", "CHI-2"].index)
    for sort in ("created_at", "name", "price"):
        assert order[f"-{sort}"] == order[sort][::-1]


async def test_a_category_includes_those_below_it(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    top = (await category(editor.http)).json()["id"]
    below = (await category(editor.http, parent_id=top)).json()["id"]
    await publish(editor.http, sku="TOP", category_id=top)
    await publish(editor.http, sku="BELOW", category_id=below)
    await publish(editor.http, sku="ELSEWHERE")
    found = await listed(client, PRODUCTS, category_id=top, sort="created_at")
    assert skus(found) == ["TOP", "BELOW"]
    assert skus(await listed(client, PRODUCTS, category_id=below)) == ["BELOW"]


async def test_owners_list_their_own_and_strangers_cannot_ask(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    await draft(editor.http, sku="DRAFT")
    await publish(editor.http, sku="SOLD")
    await publish(other.http, sku="OTHER")
    await draft(other.http, sku="SECRET")
    assert skus(await listed(editor.http, PRODUCTS, owner="me")) == ["SOLD", "DRAFT"]
    assert skus(await listed(editor.http, PRODUCTS, status="draft")) == ["DRAFT"]
    assert skus(await listed(editor.http, PRODUCTS)) == ["OTHER", "SOLD", "DRAFT"]
    assert skus(await listed(client, PRODUCTS)) == ["OTHER", "SOLD"]
    assert problem(await client.get(PRODUCTS, params={"owner": "me"}))[0] == 401


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 10**9},
        {"limit": 2**70},
        {"limit": "x"},
        {"sort": "owner_id"},
        {"sort": "price;drop table"},
        {"status": "gone"},
        {"owner": "you"},
        {"category_id": "x"},
        {"sku": "a b"},
        {"sku.in": ","},
        {"sku.in": ",".join(["A"] * 101)},
        {"price.gte": "NaN"},
        {"price.gte": "-1"},
        {"price.lte": "1e9"},
        {"price.lte": "99999999999"},
        {"currency": "euro"},
        {"q": ""},
        {"q": "a\x00"},
        {"q": "x" * 101},
        {"include": "everything"},
        {"include_total": "maybe"},
        {"cursor": "x"},
        {"cursor": "AAAA" * 20},
    ],
)
async def test_what_cannot_be_asked_is_refused_and_not_repeated(
    client: httpx2.AsyncClient, query: dict[str, Any]
) -> None:
    answer = await client.get(PRODUCTS, params=query)
    assert problem(answer)[0] == (400 if "\x00" in str(query.get("q")) else 422)
    (value,) = map(str, query.values())
    random = {"instance", "request_id", "trace_id"}  # one of them may spell a value by chance
    told = {name: said for name, said in answer.json().items() if name not in random}
    assert len(value) < 3 or value not in str(told)


async def test_a_list_is_counted_on_request(people: People, client: httpx2.AsyncClient) -> None:
    editor = await shop(people)
    await draft(editor.http)
    for http, query, expected in (
        (client, {}, 4),
        (client, {"status": "draft"}, 0),
        (client, {"q": "point"}, 2),
        (editor.http, {}, 5),
    ):
        page = (
            await http.get(PRODUCTS, params={"limit": 1, "include_total": True, **query})
        ).json()
        assert (page["total"], page["total_capped"]) == (expected, False)
    assert not (await client.get(PRODUCTS)).json().keys() & {"total", "total_capped"}


async def test_what_is_told_beside_a_list_is_no_part_of_its_cursor(
    people: People, client: httpx2.AsyncClient
) -> None:
    await shop(people)
    query: dict[str, Any] = {"limit": 3, "sort": "name", "include_total": True}
    query["include"] = "allowed_actions"
    first = await client.get(PRODUCTS, params=query)
    rest = {"limit": 3, "sort": "name", "cursor": first.json()["next_cursor"]}
    second = (await client.get(PRODUCTS, params=rest)).json()
    assert [*second] == ["items", "next_cursor"]
    assert len(second["items"]) == 1
    link = first.headers["link"].partition(">")[0].removeprefix("<")
    assert (await client.get(link)).json()["items"][0]["allowed_actions"] == ["read"]


async def test_a_cursor_belongs_to_its_list(people: People, client: httpx2.AsyncClient) -> None:
    await shop(people)
    first = await client.get(PRODUCTS, params={"limit": 1, "sort": "name"})
    cursor = first.json()["next_cursor"]
    assert f"cursor={cursor}" in first.headers["link"]
    for query in ({"sort": "-name"}, {"sort": "name", "q": "p"}, {}):
        answer = await client.get(PRODUCTS, params={"limit": 1, "cursor": cursor, **query})
        assert problem(answer) == (422, "invalid_cursor")
    bent = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    answer = await client.get(PRODUCTS, params={"sort": "name", "cursor": bent})
    assert problem(answer) == (422, "invalid_cursor")


# Many rows that share names, prices and moments, for the property below.
CROWD = """
    insert into catalog.products
        (id, version, sku, name, description, amount, currency, status, created_at)
    select gen_random_uuid(), 1, 'S-' || n, 'Name ' || n % 4, '', n % 3, 'EUR', 'published',
           timestamptz '2030-01-01' + n % 5 * interval '1 microsecond'
    from generate_series(1, 37) n
"""


async def test_pages_of_any_size_in_any_order_visit_everything_once(
    client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(CROWD)
    await connection.close()

    async def visit(limit: int, sort: str) -> None:
        items = await listed(client, PRODUCTS, limit=limit, sort=sort)
        assert len(items) == len({one["id"] for one in items}) == 37
        key = sort.removeprefix("-")
        shown = [(place(key, one), one["id"]) for one in items]
        assert shown == sorted(shown, reverse=sort.startswith("-"))

    for limit in (1, 36, 37, 38):
        await visit(limit, "-name")
    await _any(visit)


def place(key: str, item: dict[str, Any]) -> object:
    """Return what an item is sorted by."""
    if key == "price":
        return Decimal(item["price"]["amount"])
    return datetime.fromisoformat(item[key]) if key == "created_at" else item[key]


async def _any(visit: Callable[[int, str], Awaitable[None]]) -> None:
    """Let Hypothesis choose; its test is synchronous, so it only collects what to do."""
    chosen: set[tuple[int, str]] = set()

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.integers(1, 40), st.sampled_from(SORTS))
    def choose(limit: int, sort: str) -> None:
        chosen.add((limit, sort))

    choose()
    for limit, sort in chosen:
        await visit(limit, sort)
