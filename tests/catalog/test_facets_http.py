"""Attributes as filters, and facets, over HTTP: as far as categories declare them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from tests.catalog.findings import GOODS, found, shop
from tests.catalog.shop import PRODUCTS, category, define, draft, listed, pointers, problem
from tests.kit.cluster import TestDatabase
from tests.kit.people import People, Person

DESCRIBED = """
    update catalog.products p set attributes = d.attributes::jsonb, category_id = d.category_id
    from (values
        ('CHI-1', $1::uuid, '{"color": "red", "weight": 2.5, "forged": true, "size": "2"}'),
        ('CHI-2', $1, '{"color": "blue", "weight": 2, "forged": false, "note": "old"}'),
        ('MAL-1', $2, '{"color": "red", "weight": 10, "size": 2}')
    ) as d(sku, category_id, attributes) where p.sku = d.sku
"""
COLORS = ["red", "yellow", "blue"]


class Shelves:
    """Two categories below one, whose products have attributes; a third with none."""

    def __init__(self, editor: Person, *answers: httpx2.Response) -> None:
        self.editor = editor
        self.top, self.chisels, self.mallets, self.empty = (one.json()["id"] for one in answers)


async def described(people: People, database: TestDatabase) -> Shelves:
    """Fill a small shop of products with attributes."""
    editor = await shop(people)
    http = editor.http
    top = await category(http, name="Tools")
    below = [await category(http, name=name, parent_id=top.json()["id"]) for name in ("A", "B")]
    shelves = Shelves(editor, top, *below, await category(http, name="Empty"))
    number = {"kind": "number", "unit": "kg"}
    await define(http, top, "color", label="Colour", kind="enum", options=COLORS)
    await define(http, top, "weight", label="Weight", **number)
    await define(http, below[0], "forged", label="Forged", kind="flag")
    await define(http, below[0], "size", label="Size", kind="text")
    await define(http, below[1], "size", label="Size", kind="number", unit="cm")
    await define(http, below[0], "note", label="Note", kind="text", filterable=False)
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(DESCRIBED, shelves.chisels, shelves.mallets)
    await connection.close()
    return shelves


FOUND: list[tuple[dict[str, str], set[str]]] = [
    ({"color": "red"}, {"CHI-1", "MAL-1"}),
    ({"color": "re"}, set()),
    ({"color": 'red" || $."color" == "blue'}, set()),
    ({"weight.gte": "2.5"}, {"CHI-1", "MAL-1"}),
    ({"weight.gte": "2", "weight.lte": "3"}, {"CHI-1", "CHI-2"}),
    ({"weight": "2.0"}, {"CHI-2"}),
    ({"size": "2"}, {"CHI-1", "MAL-1"}),
    ({"forged": "true"}, {"CHI-1"}),
    ({"color": "red", "weight.lte": "3"}, {"CHI-1"}),
]


async def test_attributes_are_filtered_by_the_kind_they_are_declared_as(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    shelves = await described(people, database)
    for query, expected in FOUND:
        asked = {f"attributes.{name}": value for name, value in query.items()}
        assert {one["sku"] for one in await listed(client, PRODUCTS, **asked)} == expected, query
        assert {*await found(client, "chisel", **asked)} == expected, query
        there = await listed(client, PRODUCTS, category_id=shelves.chisels, **asked)
        assert {one["sku"] for one in there} == expected - {"MAL-1"}, query


REFUSED: list[tuple[str | None, str, str, str]] = [
    (None, "note", "old", "catalog.attribute_not_filterable"),
    (None, "nothing", "x", "catalog.attribute_unknown"),
    ("mallets", "forged", "true", "catalog.attribute_unknown"),
    ("empty", "color", "red", "catalog.attribute_unknown"),
    ("top", "note", "old", "catalog.attribute_not_filterable"),
    (None, "weight", "heavy", "catalog.attribute_filter_refused"),
    (None, "forged", "yes", "catalog.attribute_filter_refused"),
    (None, "color.gte", "1", "catalog.attribute_filter_refused"),
    ("chisels", "size.gte", "1", "catalog.attribute_filter_refused"),
    (None, "weight.gte", "1e9", "catalog.attribute_filter_refused"),
    (None, "color", "x" * 101, "catalog.attribute_filter_refused"),
]


async def test_what_no_category_here_lets_one_filter_by_is_refused_by_its_name(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    shelves = await described(people, database)
    for shelf, name, value, code in REFUSED:
        asked = {f"attributes.{name}": value}
        if shelf is not None:
            asked["category_id"] = getattr(shelves, shelf)
        for path in (PRODUCTS, f"{PRODUCTS}/facets"):
            answer = await client.get(path, params=asked)
            assert problem(answer) == (422, code), (shelf, name)
            assert pointers(answer) == {f"/query/attributes.{name}"}
    nowhere = {"category_id": str(uuid4()), "attributes.color": "red"}
    assert problem(await client.get(PRODUCTS, params=nowhere))[0] == 422


@pytest.mark.parametrize(
    "query",
    [
        {"attributes.": "x"},
        {"attributes.A": "x"},
        {"attributes.color.in": "x"},
        {f"attributes.a{n}": "1" for n in range(11)},
    ],
)
async def test_what_no_attribute_can_be_asked_is_refused(
    client: httpx2.AsyncClient, query: dict[str, str]
) -> None:
    refused = await client.get(PRODUCTS, params=query)
    assert problem(refused) == (422, "catalog.attribute_filter_refused")


async def facets(
    http: httpx2.AsyncClient, **query: Any
) -> tuple[int, dict[tuple[str, str | None], dict[str, Any]]]:
    """Return of how many products the facets are, and the facets by name and unit."""
    answer = await http.get(f"{PRODUCTS}/facets", params=query)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return body["total"], {(one["name"], one["unit"]): one for one in body["items"]}


def counts(facet: dict[str, Any]) -> list[tuple[str, int]]:
    return [(one["value"], one["count"]) for one in facet["values"]]


async def test_facets_count_what_the_caller_may_read(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    shelves = await described(people, database)
    http = shelves.editor.http
    await draft(http, name="Secret chisel", tags=["hidden"])
    total, all_there = await facets(client)
    assert total == len(GOODS)
    assert ("tag", None) not in all_there
    assert (await facets(client, q="chisel"))[0] == 3
    assert (await facets(client, q="chisle", **{"attributes.color": "red"}))[0] == 1
    total, theirs = await facets(http, q="chisel")
    assert (total, counts(theirs["tag", None])) == (4, [("hidden", 1)])
    assert await facets(client, q="secret") == (0, {})


async def test_facets_tell_values_as_categories_define_them(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    await described(people, database)
    _, found = await facets(client)
    assert {name for name, _ in found} == {
        "category_id",
        *(f"attributes.{code}" for code in ("color", "weight", "forged", "size")),
    }
    color, weight = found["attributes.color", None], found["attributes.weight", "kg"]
    assert (color["label"], color["kind"], color["more"]) == ("Colour", "enum", False)
    assert counts(color) == [("red", 2), ("blue", 1)]
    assert (weight["kind"], weight["minimum"], weight["maximum"]) == ("number", 2, 10)
    assert counts(weight) == [("2", 1), ("2.5", 1), ("10", 1)]
    assert counts(found["attributes.forged", None]) == [("false", 1), ("true", 1)]
    sizes = found["attributes.size", None], found["attributes.size", "cm"]
    assert [one["kind"] for one in sizes] == ["text", "number"]


async def test_of_many_values_the_commonest_are_told(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    shelves = await described(people, database)
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(
        """insert into catalog.products (id, version, sku, name, description, amount, currency,
               category_id, status, created_at, attributes)
           select gen_random_uuid(), 1, 'N-' || n, 'Nail', '', 1, 'EUR', $1, 'published', now(),
               jsonb_build_object('weight', n, 'color', 'blue')
           from generate_series(100, 160) n""",
        shelves.mallets,
    )
    await connection.close()
    _, found = await facets(client)
    weight = found["attributes.weight", "kg"]
    assert (len(weight["values"]), weight["more"], weight["maximum"]) == (50, True, 160)
    # Options keep the order of their category, however common they are.
    assert counts(found["attributes.color", None]) == [("red", 2), ("blue", 62)]
