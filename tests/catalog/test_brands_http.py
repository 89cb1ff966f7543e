"""Brands over HTTP, and the products they stand on."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from fastapi import FastAPI

from modules.catalog.public import ProductDirectory
from shared_kernel.module import Services
from tests.catalog.shop import PRODUCTS, draft, listed, pointers, problem, publish, tag
from tests.kit.people import People

BRANDS = "/v1/catalog/brands"


async def brand(http: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
    answer = await http.post(BRANDS, json={"name": "Portland", **changes})
    assert answer.status_code == 201, answer.text
    return answer


async def test_a_brand_is_made_read_changed_and_deleted(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    made = await brand(editor.http, name=" Bath Stone ", description="Since 1720.")
    place = made.headers["location"]
    assert (made.json()["name"], made.json()["slug"]) == ("Bath Stone", "bath-stone")
    assert (await client.get(place)).json() == made.json()
    assert await listed(client, BRANDS, slug="bath-stone") == [made.json()]
    changed = await editor.http.patch(place, json={"name": "Bath"}, headers=tag(made))
    assert changed.json() == made.json() | {"name": "Bath", "version": 2}
    stale = await editor.http.patch(place, json={"name": "B"}, headers=tag(made))
    assert problem(stale) == (412, "stale")
    assert (await editor.http.delete(place, headers=tag(changed))).status_code == 204
    assert problem(await client.get(place)) == (404, "catalog.no_such_brand")


async def test_names_and_slugs_of_brands_are_taken_once(people: People) -> None:
    editor = await people.register("editor")
    await brand(editor.http)
    for body, code in (
        ({"name": "PORTLAND"}, "brand_name_taken"),
        ({"name": "Other", "slug": "portland"}, "slug_taken"),
    ):
        assert problem(await editor.http.post(BRANDS, json=body)) == (409, f"catalog.{code}")
    answers = await asyncio.gather(
        *(editor.http.post(BRANDS, json={"name": "Purbeck"}) for _ in range(8))
    )
    assert sorted(one.status_code for one in answers) == [201] + [409] * 7


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"name": ""}, "/body/name"),
        ({"name": "a\nb"}, "/body/name"),
        ({"name": "a", "slug": "tree"}, "/body/slug"),
        ({"name": "a", "slug": "A"}, "/body/slug"),
        ({"name": "a", "description": None}, "/body/description"),
    ],
)
async def test_what_is_no_brand_is_pointed_at(
    people: People, said: dict[str, Any], pointer: str
) -> None:
    editor = await people.register("editor")
    answer = await editor.http.post(BRANDS, json=said)
    assert (answer.status_code, pointers(answer)) == (422, {pointer})


async def test_brands_are_kept_by_those_who_may(people: People, client: httpx2.AsyncClient) -> None:
    viewer = await people.register("viewer")
    assert problem(await client.post(BRANDS, json={"name": "a"}))[0] == 401
    assert problem(await viewer.http.post(BRANDS, json={"name": "a"}))[0] == 403


async def test_products_are_found_by_brand_and_keep_it(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    made = await brand(editor.http)
    id, place = made.json()["id"], made.headers["location"]
    product = await publish(editor.http, brand_id=id)
    await publish(editor.http)
    assert await listed(client, PRODUCTS, brand_id=id) == [product.json()]
    refused = await editor.http.delete(place, headers=tag(made))
    assert problem(refused) == (409, "catalog.brand_in_use")
    own = f"{PRODUCTS}/{product.json()['id']}"
    bare = await editor.http.patch(own, json={"brand_id": None}, headers=tag(product))
    assert bare.json()["brand_id"] is None
    assert (await editor.http.delete(place, headers=tag(made))).status_code == 204
    again = await editor.http.patch(own, json={"brand_id": id}, headers=tag(bare))
    assert (problem(again), pointers(again)) == (
        (422, "catalog.brand_unknown"),
        {"/body/brand_id"},
    )


async def test_what_lies_in_the_trash_keeps_no_brand(people: People) -> None:
    editor = await people.register("editor")
    made = await brand(editor.http)
    product = await draft(editor.http, brand_id=made.json()["id"])
    place = product.headers["location"]
    await editor.http.delete(place, headers=tag(product))
    answer = await editor.http.delete(made.headers["location"], headers=tag(made))
    assert answer.status_code == 204
    assert (await editor.http.post(f"{place}/restore")).json()["brand_id"] is None


async def test_of_a_brand_put_on_a_product_and_deleted_at_once_one_wins(people: People) -> None:
    editor = await people.register("editor")
    for _ in range(5):
        made = await brand(editor.http, name=f"Brand {uuid4()}")
        product = await draft(editor.http)
        put, gone = await asyncio.gather(
            editor.http.patch(
                product.headers["location"],
                json={"brand_id": made.json()["id"]},
                headers=tag(product),
            ),
            editor.http.delete(made.headers["location"], headers=tag(made)),
        )
        assert (put.status_code, gone.status_code) in {(200, 409), (422, 204)}


async def test_other_modules_are_told_of_products(people: People, app: FastAPI) -> None:
    editor = await people.register("editor")
    shown, hidden = await publish(editor.http, name="Quoin"), await draft(editor.http)
    gone = await draft(editor.http)
    await editor.http.delete(gone.headers["location"], headers=tag(gone))
    ids = [UUID(one.json()["id"]) for one in (shown, hidden, gone)]
    services: Services = app.state.services
    found = await services.get(ProductDirectory).find([*ids, uuid4()])
    assert {*found} == {*ids[:2]}
    card = found[ids[0]]
    assert (card.name, card.slug, card.status) == ("Quoin", "quoin", "published")
    assert (card.amount, card.currency, card.owner_id) == (Decimal("38.50"), "EUR", editor.id)
