"""What products say of themselves, and what their categories let them say, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from tests.catalog.shop import (
    PRODUCTS,
    category,
    define,
    draft,
    pointers,
    problem,
    product_body,
    publish,
    tag,
)
from tests.kit.people import People

COLOR: dict[str, Any] = {"label": "Colour", "kind": "enum", "options": ["red", "blue"]}
WEIGHT: dict[str, Any] = {"label": "Weight", "kind": "number", "unit": "kg"}
NOTE: dict[str, Any] = {"label": "Note", "kind": "text"}


def id_of(answer: httpx2.Response) -> str:
    id: str = answer.json()["id"]
    return id


def of(category: httpx2.Response, code: str) -> str:
    return f"{category.headers['location']}/attributes/{code}"


async def move(http: httpx2.AsyncClient, one: httpx2.Response, **where: Any) -> httpx2.Response:
    return await http.post(f"{one.headers['location']}/move", json=where, headers=tag(one))


async def test_a_product_says_what_its_category_and_those_above_define(people: People) -> None:
    editor = await people.register("editor")
    top = await category(editor.http)
    low = await category(editor.http, parent_id=id_of(top))
    await define(editor.http, top, "color", **COLOR)
    await define(editor.http, low, "weight", **WEIGHT)
    said = {"weight": 2.50, "color": "red"}
    made = await draft(editor.http, category_id=id_of(low), attributes=said)
    assert made.json()["attributes"] == {"color": "red", "weight": 2.5}
    for wrong, pointer in (
        ({"color": "green"}, "/color"),
        ({"weight": "2"}, "/weight"),
        ({"weight": 0.1 + 0.2}, "/weight"),
        ({"size": "M"}, ""),
    ):
        body = product_body(category_id=id_of(low), attributes=wrong)
        for answer in (
            await editor.http.post(PRODUCTS, json=body),
            await editor.http.patch(
                made.headers["location"], json={"attributes": wrong}, headers=tag(made)
            ),
        ):
            told = (answer.status_code, pointers(answer))
            assert told == (422, {f"/body/attributes{pointer}"})
    body = product_body(attributes={"color": "red"})
    answer = await editor.http.post(PRODUCTS, json=body)
    assert problem(answer) == (422, "catalog.attribute_unknown")


async def test_a_product_that_moves_says_what_can_be_said_there(people: People) -> None:
    editor = await people.register("editor")
    here, there = await category(editor.http), await category(editor.http)
    await define(editor.http, here, "color", **COLOR)
    await define(editor.http, there, "weight", **WEIGHT, required=True)
    made = await draft(editor.http, category_id=id_of(here), attributes={"color": "red"})
    place = made.headers["location"]
    for change, code in (
        ({}, "catalog.attribute_unknown"),
        ({"attributes": {"color": None}}, "catalog.attribute_missing"),
    ):
        body = {"category_id": id_of(there), **change}
        answer = await editor.http.patch(place, json=body, headers=tag(made))
        assert problem(answer) == (422, code)
    body = {"category_id": id_of(there), "attributes": {"color": None, "weight": 3}}
    moved = await editor.http.patch(place, json=body, headers=tag(made))
    assert (moved.status_code, moved.json()["attributes"]) == (200, {"weight": 3})


REFUSED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (COLOR, COLOR | {"options": ["blue"]}),
    (COLOR, WEIGHT),
    (NOTE, COLOR | {"options": ["blue"]}),
    (NOTE, NOTE | {"required": True}),
]
TAKEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (COLOR, COLOR | {"options": ["blue", "red", "green"], "label": "Shade", "position": 3}),
    (COLOR, NOTE),
    (NOTE, COLOR),
    (NOTE | {"required": False}, NOTE | {"filterable": False}),
]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [*((*one, 409) for one in REFUSED), *((*one, 200) for one in TAKEN)],
)
async def test_a_definition_changes_as_far_as_products_agree(
    people: People, old: dict[str, Any], new: dict[str, Any], expected: int
) -> None:
    editor = await people.register("editor")
    top = await category(editor.http)
    low = await category(editor.http, parent_id=id_of(top))
    made = await define(editor.http, top, "it", **old)
    await publish(editor.http, category_id=id_of(low), attributes={"it": "red"})
    if new.get("required"):
        await publish(editor.http, category_id=id_of(low))
    answer = await editor.http.put(of(top, "it"), json=new, headers=tag(made))
    assert answer.status_code == expected
    if expected == 409:
        assert problem(answer) == (409, "catalog.values_contradict")
        assert (await editor.http.get(of(top, "it"))).json() == made.json()


async def test_what_products_say_is_not_taken_away_from_them(people: People) -> None:
    editor = await people.register("editor")
    top = await category(editor.http)
    low = await category(editor.http, parent_id=id_of(top))
    color = await define(editor.http, top, "color", **COLOR)
    product = await draft(editor.http, category_id=id_of(low), attributes={"color": "red"})
    answer = await editor.http.put(of(low, "size"), json=NOTE | {"required": True})
    assert problem(answer) == (409, "catalog.values_contradict")
    for answer in (
        await editor.http.delete(of(top, "color"), headers=tag(color)),
        await move(editor.http, low, parent_id=None),
        await editor.http.patch(
            low.headers["location"], json={"parent_id": None}, headers=tag(low)
        ),
    ):
        assert problem(answer) == (409, "catalog.values_contradict")
    place, without = product.headers["location"], {"attributes": {"color": None}}
    await editor.http.patch(place, json=without, headers=tag(product))
    assert (await move(editor.http, low, parent_id=None)).status_code == 200
    answer = await editor.http.delete(of(top, "color"), headers=tag(color))
    assert answer.status_code == 204


async def test_what_comes_out_of_the_trash_agrees_with_its_category(people: People) -> None:
    editor = await people.register("editor")
    top = await category(editor.http)
    color = await define(editor.http, top, "color", **COLOR)
    product = await draft(editor.http, category_id=id_of(top), attributes={"color": "red"})
    place = product.headers["location"]
    assert (await editor.http.delete(place, headers=tag(product))).status_code == 204
    removed = await editor.http.delete(of(top, "color"), headers=tag(color))
    assert removed.status_code == 204
    answer = await editor.http.post(f"{place}/restore")
    assert problem(answer) == (409, "catalog.values_contradict")
    await define(editor.http, top, "color", **COLOR)
    restored = await editor.http.post(f"{place}/restore")
    assert (restored.status_code, restored.json()["attributes"]) == (200, {"color": "red"})


async def test_moving_to_where_the_same_is_defined_takes_nothing_away(people: People) -> None:
    editor = await people.register("editor")
    here, there = await category(editor.http), await category(editor.http)
    low = await category(editor.http, parent_id=id_of(here))
    await define(editor.http, here, "color", **COLOR)
    await define(editor.http, there, "color", **COLOR | {"options": ["red", "green"]})
    await draft(editor.http, category_id=id_of(low), attributes={"color": "red"})
    assert (await move(editor.http, low, parent_id=id_of(there))).status_code == 200


@pytest.mark.parametrize("how", ["remove", "move", "require"])
async def test_products_and_definitions_changed_at_once_agree_in_the_end(
    people: People, how: str
) -> None:
    editor = await people.register("editor")
    for _ in range(4):
        top = await category(editor.http)
        low = await category(editor.http, parent_id=id_of(top))
        color = await define(editor.http, top, "color", **COLOR)
        ways = {
            "remove": editor.http.delete(of(top, "color"), headers=tag(color)),
            "move": move(editor.http, low, parent_id=None),
            "require": editor.http.put(
                of(top, "color"), json=COLOR | {"required": True}, headers=tag(color)
            ),
        }
        said = {} if how == "require" else {"attributes": {"color": "red"}}
        body = product_body(category_id=id_of(low), **said)
        chosen = ways.pop(how)
        for other in ways.values():
            other.close()
        changed, drafted = await asyncio.gather(chosen, editor.http.post(PRODUCTS, json=body))
        assert (changed.status_code // 100, drafted.status_code // 100) in {(2, 4), (4, 2)}
