"""Slugs, tags, brands and attributes of products, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.catalog.shop import (
    PRODUCTS,
    draft,
    listed,
    pointers,
    problem,
    product_body,
    publish,
    tag,
)
from tests.kit.people import People


async def test_a_product_is_named_after_what_it_is_called(people: People) -> None:
    editor = await people.register("editor")
    first = await draft(editor.http, name="Größe L")
    assert first.json()["slug"] == "grosse-l"
    second = await draft(editor.http, name="Größe L")
    assert second.json()["slug"].startswith("grosse-l-")
    assert len(second.json()["slug"]) == len("grosse-l-") + 12
    third = await draft(editor.http, slug="grosse-xl")
    assert third.json()["slug"] == "grosse-xl"


async def test_of_parallel_products_of_one_name_each_gets_a_slug(people: People) -> None:
    editor = await people.register("editor")
    answers = await asyncio.gather(
        *(editor.http.post(PRODUCTS, json=product_body(name="Quoin")) for _ in range(12))
    )
    slugs = [one.json()["slug"] for one in answers]
    assert [one.status_code for one in answers] == [201] * 12
    assert len(set(slugs)) == 12
    assert "quoin" in slugs


async def test_a_slug_that_was_chosen_is_taken_once(people: People) -> None:
    editor = await people.register("editor")
    await draft(editor.http, slug="quoin")
    again = await editor.http.post(PRODUCTS, json=product_body(slug="quoin"))
    assert (problem(again), pointers(again)) == ((409, "catalog.slug_taken"), {"/body/slug"})
    other = await draft(editor.http)
    moved = await editor.http.patch(
        other.headers["location"], json={"slug": "quoin"}, headers=tag(other)
    )
    assert problem(moved) == (409, "catalog.slug_taken")


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"slug": "trash"}, "/body/slug"),
        ({"slug": "undefined"}, "/body/slug"),
        ({"slug": str(uuid4())}, "/body/slug"),
        ({"slug": "Quoin"}, "/body/slug"),
        ({"slug": "a--b"}, "/body/slug"),
        ({"slug": ""}, "/body/slug"),
        ({"tags": ["sawn", "a,b"]}, "/body/tags/1"),
        ({"tags": ["sawn", " "]}, "/body/tags/1"),
        ({"tags": [1]}, "/body/tags/0"),
        ({"tags": "sawn"}, "/body/tags"),
        ({"tags": ["x"] * 51}, "/body/tags"),
        ({"brand_id": "none"}, "/body/brand_id"),
        ({"brand_id": str(uuid4())}, "/body/brand_id"),
        ({"attributes": []}, "/body/attributes"),
        ({"attributes": {"nobody_asks": 1}}, "/body/attributes"),
    ],
)
async def test_what_breaks_a_rule_is_pointed_at(
    people: People, said: dict[str, Any], pointer: str
) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    place = made.headers["location"]
    for answer in (
        await editor.http.post(PRODUCTS, json=product_body(**said)),
        await editor.http.patch(place, json=said, headers=tag(made)),
    ):
        assert (answer.status_code, pointers(answer)) == (422, {pointer})
    assert (await editor.http.get(place)).json() == made.json()


async def test_tags_are_read_as_they_are_kept_and_found_by(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    sawn = (await publish(editor.http, tags=["Sawn", " garden"])).json()
    both = (await publish(editor.http, tags=["sawn"])).json()
    await publish(editor.http)
    assert sawn["tags"] == ["garden", "sawn"]
    found = await listed(client, PRODUCTS, tag="SAWN", sort="created_at")
    assert [one["id"] for one in found] == [sawn["id"], both["id"]]
    found = await listed(client, PRODUCTS, tag="garden,sawn")
    assert [one["id"] for one in found] == [sawn["id"]]
    assert await listed(client, PRODUCTS, tag="saw%") == []
    assert await listed(client, PRODUCTS, brand_id=str(uuid4())) == []


async def test_a_patch_takes_tags_as_a_whole(people: People) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http, tags=["sawn", "garden"])
    place = made.headers["location"]
    changed = await editor.http.patch(place, json={"tags": ["hewn"]}, headers=tag(made))
    assert changed.json() == made.json() | {"tags": ["hewn"], "version": 2}
    same = await editor.http.patch(place, json={"tags": ["HEWN"]}, headers=tag(changed))
    assert same.json() == changed.json()
