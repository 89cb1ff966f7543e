"""The tree over HTTP: moving about in it, counting what is in it, and taking parts of it away."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from modules.catalog.domain.siblings import STEP
from tests.catalog.shop import (
    CATEGORIES,
    category,
    define,
    draft,
    listed,
    pointers,
    problem,
    product_body,
    publish,
    tag,
)
from tests.kit.cluster import TestDatabase
from tests.kit.people import People

TREE = f"{CATEGORIES}/tree"


async def row(http: httpx2.AsyncClient, *names: str, **said: Any) -> list[httpx2.Response]:
    """Make categories that stand next to each other."""
    return [
        await category(http, name=name, position=number * STEP, **said)
        for number, name in enumerate(names)
    ]


async def move(http: httpx2.AsyncClient, one: httpx2.Response, **where: Any) -> httpx2.Response:
    now = await http.get(one.headers["location"])
    return await http.post(f"{one.headers['location']}/move", json=where, headers=tag(now))


async def names(http: httpx2.AsyncClient, under: httpx2.Response) -> str:
    items = await listed(http, CATEGORIES, parent_id=under.json()["id"])
    return " ".join(one["name"] for one in items)


def id_of(answer: httpx2.Response) -> str:
    id: str = answer.json()["id"]
    return id


async def test_a_category_goes_before_after_and_to_the_end(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    top = await category(editor.http)
    a, b, c = await row(editor.http, "A", "B", "C", parent_id=id_of(top))
    moved = await move(editor.http, c, before=id_of(a))
    assert (moved.status_code, await names(client, top)) == (200, "C A B")
    assert moved.headers["etag"] == f'"v{moved.json()["version"]}"'
    await move(editor.http, c, after=id_of(a))
    assert await names(client, top) == "A C B"
    await move(editor.http, a)
    assert await names(client, top) == "C B A"
    other = await category(editor.http, name="D")
    await move(editor.http, other, before=id_of(b))  # goes where the other one is
    assert await names(client, top) == "C D B A"
    await move(editor.http, b, parent_id=id_of(other))
    assert (await names(client, top), await names(client, other)) == ("C D A", "B")
    gone = await move(editor.http, c, parent_id=None)
    assert gone.json()["parent_id"] is None


async def test_who_makes_room_keeps_the_order_and_gets_a_new_version(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    top = await category(editor.http)
    same = {"parent_id": id_of(top), "position": 0}
    a, b = [await category(editor.http, name=name, **same) for name in ("A", "B")]
    c = await category(editor.http, name="C")
    assert (await move(editor.http, c, after=id_of(a))).status_code == 200
    assert await names(client, top) == "A C B"
    for one in (a, b):
        stale = await editor.http.patch(one.headers["location"], json={}, headers=tag(one))
        assert problem(stale) == (412, "stale")


async def test_a_place_that_is_none_is_refused(people: People) -> None:
    editor = await people.register("editor")
    top, beside = await row(editor.http, "Top", "Beside")
    a, b = await row(editor.http, "A", "B", parent_id=id_of(top))
    for where, pointer in (
        ({"before": id_of(a)}, "/body/before"),
        ({"before": str(uuid4())}, "/body/before"),
        ({"after": str(uuid4())}, "/body/after"),
        ({"after": id_of(b), "parent_id": id_of(beside)}, "/body/after"),
        ({"after": id_of(b), "before": id_of(b)}, "/body/after"),
        ({"parent_id": str(uuid4())}, "/body/parent_id"),
        ({"position": 3}, "/body"),
    ):
        answer = await move(editor.http, a, **where)
        assert (answer.status_code, pointers(answer)) == (422, {pointer}), where
    for where in ({"parent_id": id_of(a)}, {"after": id_of(a)}):
        answer = await move(editor.http, top, **where)
        assert problem(answer) == (409, "catalog.moved_into_itself")


async def test_a_move_says_what_it_is_based_on(people: People, client: httpx2.AsyncClient) -> None:
    editor, viewer = await people.register("editor"), await people.register("viewer")
    one = await category(editor.http)
    place = f"{one.headers['location']}/move"
    assert problem(await editor.http.post(place, json={})) == (428, "precondition_required")
    stale = {"If-Match": '"v9"'}
    assert problem(await editor.http.post(place, json={}, headers=stale)) == (412, "stale")
    for http, expected in ((client, 401), (viewer.http, 403)):
        assert (await http.post(place, json={}, headers=tag(one))).status_code == expected


async def test_two_moves_that_would_make_a_circle_together_make_none(people: People) -> None:
    editor = await people.register("editor")
    for _ in range(5):
        a, b = await row(editor.http, "A", "B")
        below_a, below_b = [await category(editor.http, parent_id=id_of(one)) for one in (a, b)]
        answers = await asyncio.gather(
            move(editor.http, a, parent_id=id_of(below_b)),
            move(editor.http, b, after=id_of(below_a)),
        )
        assert sorted(one.status_code for one in answers) == [200, 409]
        refused = next(one for one in answers if one.status_code == 409)
        assert problem(refused) == (409, "catalog.moved_into_itself")


async def test_many_who_move_between_the_same_two_all_get_a_place(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    top = await category(editor.http)
    first, last = [
        await category(editor.http, name=name, parent_id=id_of(top), position=position)
        for name, position in (("first", 0), ("last", 3))
    ]
    others = await row(editor.http, *"abcdefgh")
    answers = await asyncio.gather(
        *(move(editor.http, one, after=id_of(first)) for one in others[:4]),
        *(move(editor.http, one, before=id_of(last)) for one in others[4:]),
    )
    assert {one.status_code for one in answers} == {200}
    items = await listed(client, CATEGORIES, parent_id=id_of(top))
    assert [items[0]["name"], items[-1]["name"]] == ["first", "last"]
    assert {*(await names(client, top)).split()[1:5]} == set("abcd")
    assert len({one["position"] for one in items}) == len(items) == 10


async def test_a_code_is_not_defined_twice_by_moving(people: People) -> None:
    editor = await people.register("editor")
    top, other = await row(editor.http, "Top", "Other")
    below = await category(editor.http, parent_id=id_of(other))
    await define(editor.http, top, "color", label="Colour", kind="text")
    await define(editor.http, below, "color", label="Colour", kind="number")
    for answer in (
        await move(editor.http, other, parent_id=id_of(top)),
        await editor.http.patch(
            below.headers["location"], json={"parent_id": id_of(top)}, headers=tag(below)
        ),
    ):
        assert problem(answer) == (409, "catalog.attribute_code_taken")
    assert (await move(editor.http, below, parent_id=None)).status_code == 200
    assert (await move(editor.http, other, parent_id=id_of(top))).status_code == 200


async def test_defining_and_moving_at_once_define_a_code_once(people: People) -> None:
    editor = await people.register("editor")
    for _ in range(4):
        top, other = await row(editor.http, "Top", "Other")
        await define(editor.http, other, "color", label="Colour", kind="text")
        place = f"{top.headers['location']}/attributes/color"
        answers = await asyncio.gather(
            editor.http.put(place, json={"label": "Colour", "kind": "text"}),
            move(editor.http, other, parent_id=id_of(top)),
        )
        assert sorted(one.status_code for one in answers) in ([200, 409], [201, 409])


async def test_the_way_to_a_category_is_told(people: People, client: httpx2.AsyncClient) -> None:
    editor = await people.register("editor")
    top = await category(editor.http, name="Top")
    middle = await category(editor.http, name="Middle", parent_id=id_of(top))
    low = await category(editor.http, name="Low", parent_id=id_of(middle))
    path = (await client.get(f"{low.headers['location']}/path")).json()["items"]
    assert [one["name"] for one in path] == ["Top", "Middle", "Low"]
    assert [one["id"] for one in path] == [id_of(one) for one in (top, middle, low)]
    unknown = await client.get(f"{CATEGORIES}/{uuid4()}/path")
    assert problem(unknown) == (404, "catalog.no_such_category")


def counted(nodes: list[dict[str, Any]]) -> list[Any]:
    return [(one["name"], one["product_count"], counted(one["children"])) for one in nodes]


async def test_everyone_counts_the_products_they_may_see(
    people: People, client: httpx2.AsyncClient
) -> None:
    ann, bob = await people.register("editor"), await people.register("editor")
    boss = await people.register("administrator")
    top = await category(ann.http, name="Top")
    middle, empty = await row(ann.http, "Middle", "Empty", parent_id=id_of(top))
    low = await category(ann.http, name="Low", parent_id=id_of(middle))
    await publish(ann.http)  # in no category
    for person, where in ((ann, top), (ann, low), (bob, low)):
        await publish(person.http, category_id=id_of(where))
        await draft(person.http, category_id=id_of(where))
    seen = {
        name: counted((await http.get(TREE, params={"counts": True})).json()["items"])
        for name, http in (
            ("nobody", client),
            ("ann", ann.http),
            ("bob", bob.http),
            ("boss", boss.http),
        )
    }
    assert {name: (top[1], top[2][0][1], top[2][0][2][0][1]) for name, [top] in seen.items()} == {
        "nobody": (3, 2, 2),
        "ann": (5, 3, 3),
        "bob": (4, 3, 3),
        "boss": (6, 4, 4),
    }
    assert seen["nobody"] == [
        ("Top", 3, [("Middle", 2, [("Low", 2, [])]), ("Empty", 0, [])])
    ]  # fmt: skip
    shallow = await client.get(TREE, params={"counts": True, "depth": 2})
    assert counted(shallow.json()["items"]) == [("Top", 3, [("Middle", 2, []), ("Empty", 0, [])])]
    part = await client.get(TREE, params={"counts": True, "parent_id": id_of(top), "depth": 1})
    assert counted(part.json()["items"]) == [("Middle", 2, []), ("Empty", 0, [])]
    plain = (await client.get(TREE)).json()["items"]
    assert "product_count" not in plain[0]
    del empty


async def test_what_lies_in_the_trash_is_not_counted(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    editor = await people.register("editor")
    top = await category(editor.http, name="Top")
    await publish(editor.http, category_id=id_of(top))
    gone = await publish(editor.http, category_id=id_of(top))
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(
        "update catalog.products set deleted_at = now() where id = $1", UUID(id_of(gone))
    )
    await connection.close()
    tree = (await client.get(TREE, params={"counts": True})).json()["items"]
    assert counted(tree) == [("Top", 1, [])]


async def test_a_part_of_the_tree_goes_at_once_if_no_product_is_in_it(people: People) -> None:
    editor = await people.register("editor")
    top = await category(editor.http)
    middle = await category(editor.http, parent_id=id_of(top))
    low = await category(editor.http, parent_id=id_of(middle))
    await define(editor.http, low, "color", label="Colour", kind="text")
    product = await draft(editor.http, category_id=id_of(low))
    place, cascade = top.headers["location"], {"cascade": True}
    for query in ({}, cascade):
        answer = await editor.http.delete(place, params=query, headers=tag(top))
        assert problem(answer) == (409, "catalog.category_in_use")
    assert (await editor.http.get(low.headers["location"])).status_code == 200
    await editor.http.delete(product.headers["location"], headers=tag(product))
    answer = await editor.http.delete(place, params=cascade, headers=tag(top))
    assert answer.status_code == 204
    for one in (top, middle, low):
        assert (await editor.http.get(one.headers["location"])).status_code == 404


async def test_what_goes_and_what_comes_in_at_once_do_not_both_succeed(people: People) -> None:
    editor = await people.register("editor")
    for _ in range(4):
        top = await category(editor.http)
        low = await category(editor.http, parent_id=id_of(top))
        deleted, drafted = await asyncio.gather(
            editor.http.delete(top.headers["location"], params={"cascade": True}, headers=tag(top)),
            editor.http.post("/v1/catalog/products", json=product_body(category_id=id_of(low))),
        )
        assert (deleted.status_code, drafted.status_code) in {(204, 422), (409, 201)}


@pytest.mark.parametrize("query", [{"counts": "maybe"}, {"counts": True, "depth": 0}])
async def test_a_question_that_is_none_is_refused(
    client: httpx2.AsyncClient, query: dict[str, Any]
) -> None:
    assert problem(await client.get(TREE, params=query)) == (422, "invalid")
