"""Categories that are deleted leave their products to another one."""

from __future__ import annotations

from uuid import uuid4

import httpx2

from tests.catalog.shop import (
    CATEGORIES,
    PRODUCTS,
    category,
    define,
    draft,
    listed,
    pointers,
    problem,
    publish,
    tag,
)
from tests.kit.people import People


def within(shelf: httpx2.Response, **attributes: object) -> dict[str, object]:
    return {"category_id": shelf.json()["id"], "attributes": attributes}


async def test_products_of_a_deleted_category_go_where_they_are_sent(people: People) -> None:
    editor = await people.register("editor")
    http = editor.http
    top, to = await category(http), await category(http)
    below = await category(http, parent_id=top.json()["id"])
    await define(http, below, "color", label="Colour", kind="text")
    await define(http, to, "color", label="Colour", kind="enum", options=["red"])
    shown = await publish(http, **within(below, color="red"))
    deleted = await draft(http, **within(top))
    await http.delete(deleted.headers["location"], headers=tag(deleted))
    over = await publish(http, **within(below, color="blue"))
    await http.post(f"{PRODUCTS}/{over.json()['id']}/archive")
    query = {"cascade": "true", "move_products_to": to.json()["id"]}
    gone = await http.delete(top.headers["location"], params=query, headers=tag(top))
    assert gone.status_code == 204, gone.text

    place = f"{PRODUCTS}/{shown.json()['id']}"
    moved = (await http.get(place)).json()
    assert moved == shown.json() | {"category_id": to.json()["id"], "version": 3}
    last, *_ = (await http.get(f"{place}/history")).json()["items"]
    assert last["changes"] == {
        "category_id": {"before": below.json()["id"], "after": to.json()["id"]}
    }
    assert (last["version"], last["actor_id"]) == (3, str(editor.id))
    assert last["happened"] == ["catalog.ProductChanged"]
    archived = (await http.get(f"{PRODUCTS}/{over.json()['id']}")).json()
    assert (archived["category_id"], archived["attributes"]) == (to.json()["id"], {"color": "blue"})
    back = await http.post(f"{deleted.headers['location']}/restore")
    assert back.json()["category_id"] == to.json()["id"]
    boss = await people.register("administrator")
    events = await listed(boss.http, "/v1/audit/events", subject_id=top.json()["id"])
    assert {"catalog.ProductsMoved", "catalog.CategoryDeleted"} <= {one["action"] for one in events}


async def test_products_stay_where_they_cannot_go(people: People) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    http = editor.http
    shelf, strict = await category(http), await category(http)
    below = await category(http, parent_id=shelf.json()["id"])
    await define(http, strict, "size", label="Size", kind="text", required=True)
    mine = await draft(http, **within(below))

    async def refused(to: str) -> httpx2.Response:
        query = {"move_products_to": to, "cascade": "true"}
        return await http.delete(shelf.headers["location"], params=query, headers=tag(shelf))

    unknown = await refused(str(uuid4()))
    assert problem(unknown) == (422, "catalog.category_unknown")
    assert pointers(unknown) == {"/query/move_products_to"}
    for inside in (shelf, below):
        answer = await refused(inside.json()["id"])
        assert problem(answer) == (409, "catalog.moved_into_itself")
    assert problem(await refused(strict.json()["id"])) == (409, "catalog.values_contradict")
    await draft(other.http, **within(shelf))
    elsewhere = await category(http)
    assert problem(await refused(elsewhere.json()["id"])) == (403, "permission_denied")
    assert (await http.get(mine.headers["location"])).json() == mine.json()
    assert (await http.get(f"{CATEGORIES}/{shelf.json()['id']}")).status_code == 200
