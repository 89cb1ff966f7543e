"""A catalogue given out, and taken into an empty one, is the same to the last byte."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import httpx2

from tests.catalog.sending import EXPORTS, lines, results, taken_in
from tests.catalog.shop import PRODUCTS, category, define, draft, listed, publish, tag
from tests.kit.cluster import TestDatabase
from tests.kit.people import People, Person

MEDIA = {"ndjson": "application/x-ndjson", "json": "application/json", "csv": "text/csv"}
GARDEN: Sequence[Mapping[str, object]] = [
    {
        "sku": "G-1",
        "slug": "bench-of-granite",
        "name": "=Bench",
        "description": 'Two lines,\nand "quotes".',
        "price": {"amount": "120.50", "currency": "EUR"},
        "category": "garden",
        "brand": "-Ashlar & Sons",
        "tags": ["sawn", "@garden"],
        "attributes": {"color": "red", "weight": -2.5, "outdoor": True, "note": "'+1"},
        "translations": {
            "de": {"name": "Bank", "description": "=Granit.", "slug": "bank"},
            "pt-BR": {"name": "Banco", "description": "", "slug": "banco"},
        },
        "status": "draft",
    },
    {"sku": "G-2", "name": "Trough", "price": 7, "category": "garden", "attributes": {"weight": 0}},
    {"sku": "G-3", "name": "Trough", "price": "9", "currency": "JPY", "status": "archived"},
    {"sku": "G-4", "name": "Plinth", "price": 1, "category": "plinths", "tags": []},
]


async def garden(editor: Person) -> None:
    """Make the categories, one of which has no id elsewhere, and what products can say in them."""
    made = await category(editor.http, name="Garden", external_id="garden")
    await category(editor.http, name="Plinths")
    await define(editor.http, made, "color", label="Colour", kind="enum", options=["red", "blue"])
    await define(editor.http, made, "weight", label="Weight", kind="number", unit="kg")
    await define(editor.http, made, "outdoor", label="Outdoor", kind="flag")
    await define(editor.http, made, "note", label="Note", kind="text")


async def given_out(person: Person, file_format: str) -> bytes:
    answer = await person.http.get(EXPORTS, params={"format": file_format})
    assert answer.status_code == 200, answer.text
    return answer.content


async def emptied(database: TestDatabase) -> None:
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute("truncate catalog.products, catalog.brands cascade")
    finally:
        await connection.close()


async def test_everything_comes_back_in_every_format(
    people: People, database: TestDatabase
) -> None:
    editor = await people.register("editor")
    await garden(editor)
    first = await taken_in(editor, lines(*GARDEN))
    assert first["state"] == "succeeded", await results(editor, first)
    before = {one: await given_out(editor, one) for one in MEDIA}
    for file_format, media_type in MEDIA.items():
        headers = {"content-type": media_type}
        same = await taken_in(editor, before[file_format], headers=headers)
        assert same["result"]["products"] == {"created": 0, "changed": 0, "unchanged": 4}
        await emptied(database)
        again = await taken_in(editor, before[file_format], headers=headers)
        assert again["state"] == "succeeded", await results(editor, again)
        for other, content in before.items():
            assert await given_out(editor, other) == content
    (bench,) = await listed(editor.http, PRODUCTS, sku="G-1")
    assert bench["attributes"] == {"color": "red", "weight": -2.5, "outdoor": True, "note": "'+1"}
    (plinth,) = await listed(editor.http, PRODUCTS, sku="G-4")
    assert plinth["category_id"] is not None


async def test_cells_that_begin_like_formulas_are_defused_wherever_they_stand(
    people: People,
) -> None:
    editor = await people.register("editor")
    await garden(editor)
    await taken_in(editor, lines(GARDEN[0]))
    ((cells),) = [*csv.DictReader(io.StringIO((await given_out(editor, "csv")).decode()))]
    assert cells["brand"] == "'-Ashlar & Sons"
    assert cells["tags"] == "'@garden,sawn"
    assert (cells["attributes.note"], cells["attributes.weight"]) == ("''+1", "-2.5")
    assert (cells["attributes.outdoor"], cells["description.de"]) == ("true", "'=Granit.")


REFUSED: Sequence[tuple[Mapping[str, object], str, str]] = [
    ({"slug": "taken"}, "/slug", "catalog.slug_taken"),
    (
        {"translations": {"de": {"name": "X", "slug": "vergeben"}}},
        "/translations/de/slug",
        "catalog.slug_taken",
    ),
    ({"brand": "Unheard"}, "/brand", "permission_denied"),
    ({"attributes": {"color": "red"}}, "/attributes", "catalog.attribute_unknown"),
    (
        {"category": "garden", "attributes": {"color": 7}},
        "/attributes/color",
        "catalog.attribute_value_refused",
    ),
    (
        {"category": "garden", "attributes.weight": "heavy"},
        "/attributes/weight",
        "catalog.attribute_value_refused",
    ),
    ({"tags": ["a,b"]}, "/tags/0", "catalog.tag_refused"),
    ({"translations": {"en": {"name": "X"}}}, "/translations", "catalog.locale_refused"),
    ({"slug": "mine"}, "/slug", "catalog.slug_taken"),
]


async def test_each_refused_row_says_where_and_why(people: People) -> None:
    editor, boss = await people.register("editor"), await people.register("administrator")
    await garden(editor)
    made = await draft(editor.http, slug="taken")
    german = f"{PRODUCTS}/{made.json()['id']}/translations/de"
    put = await editor.http.put(german, json={"name": "V", "slug": "vergeben"}, headers=tag(made))
    assert put.status_code < 300, put.text
    role = {"name": "seller", "permissions": ["catalog.products.write", "catalog.products.publish"]}
    assert (await boss.http.post("/v1/access/roles", json=role)).status_code == 201
    seller = await people.register("seller")
    one = {"name": "A", "price": 1}
    bad = [{"sku": f"B-{n}", **one, **members} for n, (members, _, _) in enumerate(REFUSED)]
    good = {"sku": "A", **one, "slug": "mine"}
    seen = await taken_in(seller, lines(good, *bad), skip_invalid=True)
    told = {one["line"]: (one["pointer"], one["code"]) for one in await results(seller, seen)}
    assert told == {line: (where, why) for line, (_, where, why) in enumerate(REFUSED, 2)}
    assert seen["result"]["products"]["created"] == 1


async def test_an_import_leaves_what_a_change_by_itself_leaves(people: People) -> None:
    editor = await people.register("editor")
    one, other = await publish(editor.http, sku="P"), await publish(editor.http, sku="I")
    new: dict[str, Any] = {"name": "Quoin", "price": {"amount": "40.00", "currency": "EUR"}}
    place = f"{PRODUCTS}/{one.json()['id']}"
    patched = await editor.http.patch(place, json=new, headers=tag(one))
    assert patched.status_code == 200, patched.text
    seen = await taken_in(editor, lines({"sku": "I", **new}))
    assert seen["result"]["products"]["changed"] == 1
    for what in ("history", "price-changes"):
        left = await asyncio.gather(
            *(left_behind(editor.http, id.json()["id"], what) for id in (one, other))
        )
        assert left[0] == left[1] != []


async def left_behind(http: httpx2.AsyncClient, id: str, what: str) -> list[dict[str, Any]]:
    """Return what there is to read about a product, without what is only its own."""
    items = await listed(http, f"{PRODUCTS}/{id}/{what}")
    own = {"id", "product_id", "occurred_at"}
    return [{name: one[name] for name in one if name not in own} for one in items]
