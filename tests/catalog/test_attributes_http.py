"""Attributes of categories over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from tests.catalog.shop import CATEGORIES, category, define, pointers, problem, tag
from tests.kit.people import People

COLOR: dict[str, Any] = {"label": "Colour", "kind": "enum", "options": ["red", "blue"]}
NOWHERE = f"{CATEGORIES}/00000000-0000-7000-8000-000000000000"


async def test_what_was_defined_is_read_by_everyone(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    tools = await category(editor.http)
    place = f"{tools.headers['location']}/attributes/color"
    made = await editor.http.put(place, json=COLOR)
    assert (made.status_code, made.headers["etag"]) == (201, '"v1"')
    assert made.json() == COLOR | {
        "category_id": tools.json()["id"],
        "code": "color",
        "unit": None,
        "required": False,
        "filterable": True,
        "position": 0,
        "version": 1,
    }
    assert (await client.get(place)).json() == made.json()
    seen = await client.get(place, headers={"If-None-Match": made.headers["etag"]})
    assert seen.status_code == 304
    assert problem(await client.get(place.replace("color", "size"))) == (
        404,
        "catalog.no_such_attribute",
    )
    for unknown in (f"{NOWHERE}/attributes", f"{NOWHERE}/attributes/color"):
        assert problem(await client.get(unknown)) == (404, "catalog.no_such_category")
    answer = await editor.http.put(f"{NOWHERE}/attributes/color", json=COLOR)
    assert problem(answer) == (404, "catalog.no_such_category")


async def test_categories_inherit_what_those_above_define(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    top = await category(editor.http)
    middle = await category(editor.http, parent_id=top.json()["id"])
    low = await category(editor.http, parent_id=middle.json()["id"])
    beside = await category(editor.http)
    await define(editor.http, low, "weight", label="Weight", kind="number", unit="kg", position=1)
    await define(editor.http, top, "color", **COLOR, position=2)
    await define(editor.http, top, "brand", label="Brand", kind="text", position=2)
    found = {
        one.json()["id"]: [
            (each["code"], each["category_id"])
            for each in (await client.get(f"{one.headers['location']}/attributes")).json()["items"]
        ]
        for one in (top, middle, low, beside)
    }
    of_top = [("brand", top.json()["id"]), ("color", top.json()["id"])]
    assert list(found.values()) == [
        of_top, of_top, [("weight", low.json()["id"]), *of_top], []
    ]  # fmt: skip
    inherited = await client.get(f"{low.headers['location']}/attributes/color")
    assert inherited.json()["category_id"] == top.json()["id"]


async def test_a_code_means_one_thing_along_a_path(people: People) -> None:
    editor = await people.register("editor")
    top = await category(editor.http)
    middle = await category(editor.http, parent_id=top.json()["id"])
    low = await category(editor.http, parent_id=middle.json()["id"])
    beside = await category(editor.http, parent_id=top.json()["id"])
    await define(editor.http, middle, "color", **COLOR)
    for one in (top, low):
        answer = await editor.http.put(f"{one.headers['location']}/attributes/color", json=COLOR)
        assert problem(answer) == (409, "catalog.attribute_code_taken")
    await define(editor.http, beside, "color", label="Colour", kind="text")
    answer = await editor.http.delete(
        f"{low.headers['location']}/attributes/color", headers={"If-Match": '"v1"'}
    )
    assert problem(answer) == (404, "catalog.no_such_attribute")


async def test_changes_say_what_they_are_based_on(people: People) -> None:
    editor = await people.register("editor")
    tools = await category(editor.http)
    place = f"{tools.headers['location']}/attributes/color"
    early = await editor.http.put(place, json=COLOR, headers={"If-Match": '"v1"'})
    assert problem(early) == (412, "stale")
    made = await editor.http.put(place, json=COLOR)
    assert problem(await editor.http.put(place, json=COLOR)) == (428, "precondition_required")
    assert problem(await editor.http.delete(place)) == (428, "precondition_required")
    changed = await editor.http.put(place, json=COLOR | {"label": "Shade"}, headers=tag(made))
    assert (changed.status_code, changed.json()["label"]) == (200, "Shade")
    for send in (
        editor.http.put(place, json=COLOR, headers=tag(made)),
        editor.http.delete(place, headers=tag(made)),
    ):
        assert problem(await send) == (412, "stale")
    assert (await editor.http.delete(place, headers=tag(changed))).status_code == 204
    assert problem(await editor.http.get(place)) == (404, "catalog.no_such_attribute")


async def test_many_who_define_at_once_define_one_thing(people: People) -> None:
    editor = await people.register("editor")
    top = await category(editor.http)
    low = await category(editor.http, parent_id=top.json()["id"])
    places = [f"{one.headers['location']}/attributes/color" for one in (top, low)] * 5
    answers = await asyncio.gather(*(editor.http.put(one, json=COLOR) for one in places))
    assert sorted(one.status_code for one in answers) == [201] + [409] * 5 + [428] * 4


async def test_a_category_takes_along_what_it_defines(people: People) -> None:
    editor = await people.register("editor")
    top = await category(editor.http)
    await define(editor.http, top, "color", **COLOR)
    answer = await editor.http.delete(top.headers["location"], headers=tag(top))
    assert answer.status_code == 204


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "colour"}, "/body/kind"),
        ({"kind": "text"}, "/body/options"),
        ({"options": None}, "/body/options"),
        ({"options": ["red", "red"]}, "/body/options"),
        ({"options": [7]}, "/body/options/0"),
        ({"options": ["x"] * 201}, "/body/options"),
        ({"label": ""}, "/body/label"),
        ({"unit": "kg"}, "/body/unit"),
        ({"required": "yes"}, "/body/required"),
        ({"position": -1}, "/body/position"),
        ({"code": "color"}, "/body"),
    ],
)
async def test_a_definition_that_breaks_a_rule_is_pointed_at(
    people: People, change: dict[str, Any], pointer: str
) -> None:
    editor = await people.register("editor")
    tools = await category(editor.http)
    place = f"{tools.headers['location']}/attributes/color"
    answer = await editor.http.put(place, json=COLOR | change)
    assert (answer.status_code, pointers(answer)) == (422, {pointer})


@pytest.mark.parametrize("code", ["Color", "a.b", "a%2Fb", "1a", "x" * 41, "a-b"])
async def test_a_code_fits_into_a_query(people: People, code: str) -> None:
    editor = await people.register("editor")
    tools = await category(editor.http)
    place = f"{tools.headers['location']}/attributes/{code}"
    assert (await editor.http.put(place, json=COLOR)).status_code in {404, 422}
