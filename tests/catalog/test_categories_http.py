"""Categories over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.catalog.shop import CATEGORIES, category, draft, listed, pointers, problem, tag
from tests.kit.people import People

UNKNOWN = f"{CATEGORIES}/{uuid4()}"


async def test_what_was_written_is_read_by_everyone(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    made = await category(editor.http, position=3, external_id="tools")
    read = await client.get(made.headers["location"])
    assert read.json() == made.json()
    assert (read.headers["etag"], read.json()["position"]) == ('"v1"', 3)
    assert problem(await client.get(UNKNOWN)) == (404, "catalog.no_such_category")


async def test_permissions_are_asked_for(people: People, client: httpx2.AsyncClient) -> None:
    editor, viewer = await people.register("editor"), await people.register("viewer")
    made = await category(editor.http)
    place = made.headers["location"]
    for http, expected in ((client, 401), (viewer.http, 403)):
        answers = [
            await http.post(CATEGORIES, json={"name": "A"}),
            await http.patch(place, json={}, headers=tag(made)),
            await http.delete(place, headers=tag(made)),
        ]
        assert [one.status_code for one in answers] == [expected] * 3


async def test_a_category_moves_with_all_below_it(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    a = await category(editor.http, name="A")
    b = await category(editor.http, name="B", parent_id=a.json()["id"])
    await category(editor.http, name="C", parent_id=b.json()["id"])
    moved = await editor.http.patch(
        b.headers["location"], json={"parent_id": None, "position": 1}, headers=tag(b)
    )
    assert moved.json() == b.json() | {"parent_id": None, "position": 1, "version": 2}
    tree = (await client.get(f"{CATEGORIES}/tree")).json()["items"]
    assert named(tree) == [("A", []), ("B", [("C", [])])]


def named(nodes: list[dict[str, Any]]) -> list[Any]:
    return [(one["name"], named(one["children"])) for one in nodes]


async def test_the_tree_is_shown_in_parts_and_in_order(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    top = (await category(editor.http, name="Top")).json()["id"]
    for name, position in (("B", 1), ("A", 1), ("Z", 0)):
        await category(editor.http, name=name, position=position, parent_id=top)
    tree = (await client.get(f"{CATEGORIES}/tree")).json()["items"]
    assert named(tree) == [("Top", [("Z", []), ("A", []), ("B", [])])]
    tree = (await client.get(f"{CATEGORIES}/tree", params={"depth": 1})).json()["items"]
    assert named(tree) == [("Top", [])]
    tree = (await client.get(f"{CATEGORIES}/tree", params={"parent_id": top})).json()["items"]
    assert named(tree) == [("Z", []), ("A", []), ("B", [])]
    for depth in (0, 17, 10**20):
        answer = await client.get(f"{CATEGORIES}/tree", params={"depth": depth})
        assert problem(answer) == (422, "invalid")


async def test_a_category_cannot_move_below_itself(people: People) -> None:
    editor = await people.register("editor")
    a = await category(editor.http)
    b = await category(editor.http, parent_id=a.json()["id"])
    for under in (a, b):
        body = {"parent_id": under.json()["id"]}
        answer = await editor.http.patch(a.headers["location"], json=body, headers=tag(a))
        assert problem(answer) == (409, "catalog.moved_into_itself")


async def test_two_moves_at_once_make_no_circle(people: People, client: httpx2.AsyncClient) -> None:
    editor = await people.register("editor")
    for _ in range(5):
        a, b = await category(editor.http), await category(editor.http)
        moves = [(a, b.json()["id"]), (b, a.json()["id"])]
        answers = await asyncio.gather(
            *(
                editor.http.patch(one.headers["location"], json={"parent_id": id}, headers=tag(one))
                for one, id in moves
            )
        )
        assert sorted(one.status_code for one in answers) == [200, 409]


async def test_the_tree_has_sixteen_levels(people: People) -> None:
    editor = await people.register("editor")
    parent_id = None
    for _ in range(16):
        parent_id = (await category(editor.http, parent_id=parent_id)).json()["id"]
    answer = await editor.http.post(CATEGORIES, json={"name": "Deep", "parent_id": parent_id})
    assert problem(answer) == (409, "catalog.tree_too_deep")


async def test_a_category_with_something_in_it_stays(people: People) -> None:
    editor = await people.register("editor")
    a = await category(editor.http)
    b = await category(editor.http, parent_id=a.json()["id"])
    product = await draft(editor.http, category_id=b.json()["id"])
    for one in (a, b):
        answer = await editor.http.delete(one.headers["location"], headers=tag(one))
        assert problem(answer) == (409, "catalog.category_in_use")
    await editor.http.delete(product.headers["location"], headers=tag(product))
    for one in (b, a):
        answer = await editor.http.delete(one.headers["location"], headers=tag(one))
        assert answer.status_code == 204
    answer = await editor.http.delete(a.headers["location"], headers=tag(a))
    assert problem(answer) == (404, "catalog.no_such_category")


async def test_changes_say_what_they_are_based_on(people: People) -> None:
    editor = await people.register("editor")
    made = await category(editor.http)
    place = made.headers["location"]
    assert problem(await editor.http.patch(place, json={}))[0] == 428
    assert problem(await editor.http.delete(place))[0] == 428
    renamed = await editor.http.patch(place, json={"name": "Other"}, headers=tag(made))
    assert renamed.status_code == 200
    stale = await editor.http.patch(place, json={"name": "Third"}, headers=tag(made))
    assert problem(stale) == (412, "stale")
    assert problem(await editor.http.delete(place, headers=tag(made))) == (412, "stale")


async def test_an_external_id_is_taken_once(people: People) -> None:
    editor = await people.register("editor")
    answers = await asyncio.gather(
        *(
            editor.http.post(CATEGORIES, json={"name": "Tools", "external_id": "tools"})
            for _ in range(6)
        )
    )
    assert sorted(one.status_code for one in answers) == [201] + [409] * 5


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/body/name"),
        ({"name": 7}, "/body/name"),
        ({"position": -1}, "/body/position"),
        ({"position": True}, "/body/position"),
        ({"position": 2**70}, "/body/position"),
        ({"parent_id": str(uuid4())}, "/body/parent_id"),
        ({"external_id": "a b"}, "/body/external_id"),
        ({"colour": "red"}, "/body"),
    ],
)
async def test_a_category_that_breaks_a_rule_is_pointed_at(
    people: People, change: dict[str, Any], pointer: str
) -> None:
    editor = await people.register("editor")
    answer = await editor.http.post(CATEGORIES, json={"name": "Tools", **change})
    assert (answer.status_code, pointers(answer)) == (422, {pointer})


async def test_categories_are_listed_and_found(people: People, client: httpx2.AsyncClient) -> None:
    editor = await people.register("editor")
    top = (await category(editor.http, name="B", position=1)).json()["id"]
    await category(editor.http, name="A", position=2, parent_id=top, external_id="a")
    await category(editor.http, name="C", position=0, parent_id=top)
    names = [one["name"] for one in await listed(client, CATEGORIES, limit=1)]
    assert names == ["C", "B", "A"]
    names = [one["name"] for one in await listed(client, CATEGORIES, limit=1, sort="-name")]
    assert names == ["C", "B", "A"]
    below = await listed(client, CATEGORIES, parent_id=top, sort="name")
    assert [one["name"] for one in below] == ["A", "C"]
    found = await listed(client, CATEGORIES, external_id="a")
    assert [one["name"] for one in found] == ["A"]


async def test_a_category_has_a_slug_of_its_own(people: People, client: httpx2.AsyncClient) -> None:
    editor = await people.register("editor")
    names = ["Gro\u00dfe Steine", "Gro\u00dfe Steine", "\u77f3", "admin"]
    made = [await category(editor.http, name=name) for name in names]
    slugs = [one.json()["slug"] for one in made]
    ends = [one.json()["id"].replace("-", "")[-12:] for one in made]
    assert slugs == [
        "grosse-steine",
        f"grosse-steine-{ends[1]}",
        f"category-{ends[2]}",
        f"admin-{ends[3]}",
    ]
    found = await client.get(f"{CATEGORIES}/by-slug/grosse-steine")
    assert (found.json(), found.headers["etag"]) == (made[0].json(), '"v1"')
    missing = await client.get(f"{CATEGORIES}/by-slug/none-such")
    assert problem(missing) == (404, "catalog.no_such_category")
    tree = (await client.get(f"{CATEGORIES}/tree")).json()["items"]
    assert {one["slug"] for one in tree} == {*slugs}
    path = (await client.get(f"{made[2].headers['location']}/path")).json()["items"]
    assert [one["slug"] for one in path] == [slugs[2]]


async def test_a_chosen_slug_is_taken_once(people: People) -> None:
    editor = await people.register("editor")
    body = {"name": "Tools", "slug": "all-tools"}
    answers = await asyncio.gather(*(editor.http.post(CATEGORIES, json=body) for _ in range(5)))
    assert sorted(one.status_code for one in answers) == [201] + [409] * 4
    assert "catalog.category_slug_taken" in {one.json().get("code") for one in answers}
    other = await category(editor.http)
    place = other.headers["location"]
    taken = await editor.http.patch(place, json={"slug": "all-tools"}, headers=tag(other))
    assert problem(taken) == (409, "catalog.category_slug_taken")
    renamed = await editor.http.patch(place, json={"name": "Hammers"}, headers=tag(other))
    assert renamed.json()["slug"] == other.json()["slug"]  # addresses stay
    changed = await editor.http.patch(place, json={"slug": "hammers"}, headers=tag(renamed))
    assert changed.json()["slug"] == "hammers"
    for slug in ("trash", "A b", "x" * 101, "a--b"):
        answer = await editor.http.patch(place, json={"slug": slug}, headers=tag(changed))
        assert (answer.status_code, pointers(answer)) == (422, {"/body/slug"})
