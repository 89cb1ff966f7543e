"""Attributes as filters, and facets, over HTTP."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx2
import pytest

from tests.catalog.findings import GOODS, found, shop
from tests.catalog.shop import PRODUCTS, draft, listed, problem
from tests.kit.cluster import TestDatabase
from tests.kit.people import People, Person

DESCRIBED = """
    update catalog.products p set attributes = d.attributes::jsonb from (values
        ('CHI-1', '{"color": "red", "weight": 2.5, "forged": true, "size": "2"}'),
        ('CHI-2', '{"color": "blue", "weight": 2, "forged": false}'),
        ('MAL-1', '{"color": "red", "weight": 10, "size": 2}')
    ) as d(sku, attributes) where p.sku = d.sku
"""


async def described(people: People, database: TestDatabase) -> Person:
    """Fill a small shop of products with attributes."""
    editor = await shop(people)
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(DESCRIBED)
    await connection.close()
    return editor


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"color": "red"}, {"CHI-1", "MAL-1"}),
        ({"color": "re"}, set[str]()),
        ({"color": 'red" || $."color" == "blue'}, set[str]()),
        ({"weight.gte": "2.5"}, {"CHI-1", "MAL-1"}),
        ({"weight.gte": "2", "weight.lte": "3"}, {"CHI-1", "CHI-2"}),
        ({"weight": "2.0"}, {"CHI-2"}),
        ({"size": "2"}, {"CHI-1", "MAL-1"}),
        ({"forged": "true"}, {"CHI-1"}),
        ({"color": "red", "weight.lte": "3"}, {"CHI-1"}),
        ({"color.gte": "1"}, set[str]()),
        ({"nothing": "x"}, set[str]()),
    ],
)
async def test_attributes_are_filtered_by_the_type_of_their_value(
    people: People,
    client: httpx2.AsyncClient,
    database: TestDatabase,
    *,
    query: dict[str, str],
    expected: set[str],
) -> None:
    await described(people, database)
    asked = {f"attributes.{name}": value for name, value in query.items()}
    assert {one["sku"] for one in await listed(client, PRODUCTS, **asked)} == expected
    found_there = await found(client, "chisel", **asked)
    assert {*found_there} == expected & {"CHI-1", "CHI-2", "MAL-1"}


@pytest.mark.parametrize(
    "query",
    [
        {"attributes.": "x"},
        {"attributes.A": "x"},
        {"attributes.color.in": "x"},
        {"attributes.weight.gte": "heavy"},
        {"attributes.weight.gte": "1e9"},
        {"attributes.color": "x" * 101},
        {f"attributes.a{n}": "1" for n in range(11)},
    ],
)
async def test_what_no_attribute_can_be_asked_is_refused(
    client: httpx2.AsyncClient, query: dict[str, str]
) -> None:
    assert problem(await client.get(PRODUCTS, params=query))[0] == 422


async def test_facets_count_what_the_caller_may_read(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    editor = await described(people, database)
    await draft(editor.http, name="Secret chisel", tags=["hidden"])

    async def facets(http: httpx2.AsyncClient, **query: Any) -> tuple[int, dict[str, int]]:
        answer = await http.get(f"{PRODUCTS}/facets", params=query)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        return body["total"], {f"{o['name']}={o['value']}": o["count"] for o in body["items"]}

    total, all_there = await facets(client)
    assert total == len(GOODS)
    assert all_there["attributes.color=red"] == 2
    assert all_there["attributes.forged=true"] == 1
    assert not [one for one in all_there if "hidden" in one]
    assert (await facets(client, q="chisel"))[0] == 3
    assert (await facets(client, q="chisle", **{"attributes.color": "red"}))[0] == 1
    total, theirs = await facets(editor.http, q="chisel")
    assert (total, theirs["tag=hidden"]) == (4, 1)
    assert await facets(client, q="secret") == (0, {})
