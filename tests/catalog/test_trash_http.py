"""The trash over HTTP: deleted, seen by whom it concerns, given back, and gone one day."""

from __future__ import annotations

from datetime import timedelta

import httpx2
from fastapi import FastAPI

from modules.catalog.application.trash import EmptyTrash
from shared_kernel.module import Services
from tests.catalog.shop import (
    CATEGORIES,
    PRODUCTS,
    category,
    draft,
    listed,
    problem,
    product_body,
    publish,
    tag,
)
from tests.kit.people import People, Person

TRASH = "/v1/catalog/trash"
GONE = (404, "catalog.no_such_product")


async def deleted(person: Person, **changes: object) -> httpx2.Response:
    """Draft a product and put it into the trash; return what it was."""
    made = await draft(person.http, **changes)
    answer = await person.http.delete(made.headers["location"], headers=tag(made))
    assert answer.status_code == 204
    return made


async def empty(app: FastAPI, keeps: timedelta | None = None) -> int:
    services: Services = app.state.services
    return (await services.get(EmptyTrash)(keeps))["products"]


async def test_what_was_deleted_is_in_the_trash_and_nowhere_else(people: People) -> None:
    editor = await people.register("editor")
    made = await deleted(editor, tags=["sawn"])
    place, id = made.headers["location"], made.json()["id"]
    (lying,) = await listed(editor.http, TRASH)
    assert (lying["id"], lying["sku"], lying["status"]) == (id, made.json()["sku"], "draft")
    assert lying["deleted_at"] > made.json()["created_at"]
    assert await listed(editor.http, PRODUCTS) == []
    for query in ({"owner": "me"}, {"sku": lying["sku"]}, {"tag": "sawn"}, {"q": "lime"}):
        assert await listed(editor.http, PRODUCTS, **query) == []
    answers = [
        await editor.http.get(place),
        await editor.http.patch(place, json={"name": "B"}, headers={"If-Match": '"v2"'}),
        await editor.http.post(f"{place}/publish"),
        await editor.http.post(f"{place}/archive"),
        await editor.http.delete(place, headers={"If-Match": '"v2"'}),
        await editor.http.get(f"{place}/variants"),
    ]
    assert [problem(one) for one in answers] == [GONE] * 6


async def test_the_trash_shows_what_somebody_may_write(people: People) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    boss = await people.register("administrator")
    made = await deleted(editor)
    restore = f"{made.headers['location']}/restore"
    assert await listed(other.http, TRASH) == []
    assert problem(await other.http.post(restore)) == GONE
    assert len(await listed(boss.http, TRASH)) == 1
    viewer = await people.register("viewer")
    assert problem(await viewer.http.get(TRASH))[0] == 403


async def test_what_is_restored_is_as_it_was(people: People, client: httpx2.AsyncClient) -> None:
    editor = await people.register("editor")
    made = await publish(editor.http, tags=["sawn"], description="Sawn.")
    place = f"{PRODUCTS}/{made.json()['id']}"
    over = await editor.http.post(f"{place}/archive")
    await editor.http.delete(place, headers=tag(over))
    back = await editor.http.post(f"{place}/restore")
    assert back.json() == over.json() | {"version": over.json()["version"] + 2}
    assert (await editor.http.get(place)).json() == back.json()
    assert await listed(editor.http, TRASH) == []
    again = await editor.http.post(f"{place}/restore")
    assert problem(again) == (409, "catalog.not_deleted")
    assert problem(await client.get(place)) == GONE


async def test_a_sku_and_a_slug_are_free_once_they_are_in_the_trash(people: People) -> None:
    editor = await people.register("editor")
    for member, code in (("sku", "sku_taken"), ("slug", "slug_taken")):
        value = f"quoin-{member}"
        made = await deleted(editor, **{member: value})
        second = await draft(editor.http, **{member: value})
        answer = await editor.http.post(f"{made.headers['location']}/restore")
        assert problem(answer) == (409, f"catalog.{code}")
        await editor.http.delete(second.headers["location"], headers=tag(second))
        restored = await editor.http.post(f"{made.headers['location']}/restore")
        assert (restored.status_code, restored.json()[member]) == (200, value)


async def test_what_is_restored_names_the_sku_of_a_variant_that_somebody_took(
    people: People,
) -> None:
    editor = await people.register("editor")
    made, other = await draft(editor.http), await draft(editor.http)
    variant: dict[str, object] = {"sku": "V-TRASH", "options": {}}
    place, elsewhere = made.headers["location"], other.headers["location"]
    assert (await editor.http.post(f"{place}/variants", json=variant)).status_code == 201
    refused = await editor.http.post(f"{elsewhere}/variants", json=variant)
    assert problem(refused) == (409, "catalog.variant_sku_taken")
    assert (await editor.http.delete(place, headers=tag(made))).status_code == 204
    assert (await editor.http.post(f"{elsewhere}/variants", json=variant)).status_code == 201
    refused = await editor.http.post(f"{place}/restore")
    assert problem(refused) == (409, "catalog.variant_sku_taken")
    assert [one["id"] for one in await listed(editor.http, TRASH)] == [made.json()["id"]]


async def test_what_lies_in_the_trash_keeps_no_category(people: People) -> None:
    editor = await people.register("editor")
    shelf = await category(editor.http)
    made = await deleted(editor, category_id=shelf.json()["id"])
    answer = await editor.http.delete(f"{CATEGORIES}/{shelf.json()['id']}", headers=tag(shelf))
    assert answer.status_code == 204
    back = await editor.http.post(f"{made.headers['location']}/restore")
    assert back.json()["category_id"] is None


async def test_the_trash_is_emptied_of_what_is_old(people: People, app: FastAPI) -> None:
    editor = await people.register("editor")
    made, kept = await deleted(editor), await draft(editor.http)
    assert await empty(app) == 0
    assert await empty(app, timedelta(days=0)) == 1
    assert await listed(editor.http, TRASH) == []
    assert problem(await editor.http.post(f"{made.headers['location']}/restore")) == GONE
    assert (await editor.http.get(kept.headers["location"])).status_code == 200
    boss = await people.register("administrator")
    events = await listed(boss.http, "/v1/audit/events", subject_id=made.json()["id"])
    assert [one["action"] for one in events][:2] == [
        "catalog.ProductPurged",
        "catalog.ProductDeleted",
    ]


async def test_of_a_list_of_deleted_products_the_last_comes_first_page_by_page(
    people: People,
) -> None:
    editor = await people.register("editor")
    skus = [(await deleted(editor)).json()["sku"] for _ in range(5)]
    assert [one["sku"] for one in await listed(editor.http, TRASH, limit=2)] == skus[::-1]


async def test_of_two_who_restore_one_sku_one_wins(people: People) -> None:
    editor = await people.register("editor")
    first = await deleted(editor, sku="LIM-1")
    second = await deleted(editor, sku="LIM-1")
    answers = [
        await editor.http.post(f"{one.headers['location']}/restore") for one in (first, second)
    ]
    assert [one.status_code for one in answers] == [200, 409]
    taken = await editor.http.post(PRODUCTS, json=product_body(sku="LIM-1"))
    assert problem(taken) == (409, "catalog.sku_taken")
