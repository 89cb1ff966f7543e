"""Products over HTTP: the behaviour every resource shows."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from tests.catalog.shop import (
    PRODUCTS,
    category,
    draft,
    listed,
    pointers,
    problem,
    product_body,
    publish,
    tag,
)
from tests.kit.people import People

UNKNOWN = f"{PRODUCTS}/{uuid4()}"
GONE = (404, "catalog.no_such_product")

Answer = httpx2.Response


async def test_what_was_written_is_read(people: People) -> None:
    editor = await people.register("editor")
    body = product_body(description="Sawn.", price={"amount": "12.5", "currency": "EUR"})
    made = await editor.http.post(PRODUCTS, json=body)
    read = await editor.http.get(made.headers["location"])
    assert (made.status_code, read.json()) == (201, made.json())
    assert made.headers["etag"] == read.headers["etag"] == '"v1"'
    assert read.json() | body == read.json() | {"price": {"amount": "12.5", "currency": "EUR"}}
    assert read.json()["price"] == {"amount": "12.50", "currency": "EUR"}
    assert (read.json()["status"], read.json()["owner_id"]) == ("draft", str(editor.id))


async def test_a_draft_exists_for_its_owner_only(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    place = (await draft(editor.http)).headers["location"]
    for http in (client, other.http):
        assert problem(await http.get(place)) == GONE == problem(await http.get(UNKNOWN))
        assert await listed(http, PRODUCTS) == []
    assert len(await listed(editor.http, PRODUCTS)) == 1


async def test_everybody_sees_what_is_published(people: People, client: httpx2.AsyncClient) -> None:
    editor = await people.register("editor")
    made = await publish(editor.http)
    seen = await client.get(f"{PRODUCTS}/{made.json()['id']}")
    assert seen.json() == made.json()
    assert [one["status"] for one in await listed(client, PRODUCTS)] == ["published"]


async def changes(http: httpx2.AsyncClient, place: str, made: httpx2.Response) -> list[Answer]:
    """Try everything that changes a product, and return the answers."""
    return [
        await http.patch(place, json={"name": "Mine"}, headers=tag(made)),
        await http.patch(place, json={"name": "Mine"}, headers={"If-Match": '"v9"'}),
        await http.post(f"{place}/publish"),
        await http.post(f"{place}/archive"),
        await http.delete(place, headers=tag(made)),
    ]


async def test_a_draft_of_somebody_else_answers_like_an_unknown_one(people: People) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    made = await draft(editor.http)
    place = made.headers["location"]
    foreign = [await other.http.get(place), *await changes(other.http, place, made)]
    unknown = [await other.http.get(UNKNOWN), *await changes(other.http, UNKNOWN, made)]
    assert [problem(one) for one in foreign] == [GONE] * 6
    for one, like in zip(foreign, unknown, strict=True):
        assert without_ids(one, place) == without_ids(like, UNKNOWN)
    assert [problem(one) for one in await changes(editor.http, UNKNOWN, made)] == [GONE] * 5
    assert (await editor.http.get(place)).json() == made.json()


def without_ids(answer: Answer, place: str) -> tuple[int, dict[str, str], str]:
    """Return all that was answered, but for what names the product, the request and its trace."""
    trace = answer.headers["traceparent"].split("-")
    headers, text = dict(answer.headers), answer.text
    for value in (answer.headers["x-request-id"], *trace[1:3], place):
        headers = {name: one.replace(value, "-") for name, one in headers.items()}
        text = text.replace(value, "-")
    return answer.status_code, headers, text


async def test_what_others_show_cannot_be_changed_and_the_refusal_can_be_looked_up(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    made = await publish(editor.http)
    place = f"{PRODUCTS}/{made.json()['id']}"
    answers = await changes(other.http, place, made)
    assert [problem(one) for one in answers] == [(403, "permission_denied")] * 5
    assert len({UUID(one.json()["decision_id"]) for one in answers}) == 5
    assert (await client.get(place)).json() == made.json()


async def test_the_actions_allowed_on_a_product_are_told_on_request(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    viewer, boss = await people.register("viewer"), await people.register("administrator")
    made = await publish(editor.http)
    place = f"{PRODUCTS}/{made.json()['id']}"
    everything = ["read", "write", "publish", "share", "stock", "reserve"]
    for http, expected in (
        (client, ["read"]),
        (viewer.http, ["read"]),
        (other.http, ["read", "reserve"]),
        (editor.http, everything),
        (boss.http, everything),
    ):
        told = (await http.get(place, params={"include": "allowed_actions"})).json()
        assert told == made.json() | {"allowed_actions": expected}
        (listed_one,) = await listed(http, PRODUCTS, include="allowed_actions")
        assert listed_one == told
        assert (await http.get(place)).json() == made.json()
    answer = await client.get(place, params={"include": "everything"})
    assert problem(answer)[0] == 422


async def test_a_manager_acts_on_what_others_own(people: People) -> None:
    editor, boss = await people.register("editor"), await people.register("administrator")
    made = await draft(editor.http)
    place = made.headers["location"]
    assert len(await listed(boss.http, PRODUCTS, status="draft")) == 1
    answer = await boss.http.post(f"{place}/publish")
    assert (answer.status_code, answer.json()["owner_id"]) == (200, str(editor.id))


async def test_permissions_are_asked_for(people: People, client: httpx2.AsyncClient) -> None:
    editor, viewer = await people.register("editor"), await people.register("viewer")
    made = await draft(editor.http)
    place = made.headers["location"]
    for http, expected in ((client, 401), (viewer.http, 403)):
        answers = [
            await http.post(PRODUCTS, json=product_body()),
            await http.patch(place, json={}, headers=tag(made)),
            await http.post(f"{place}/publish"),
            await http.post(f"{place}/archive"),
            await http.delete(place, headers=tag(made)),
        ]
        assert [one.status_code for one in answers] == [expected] * 5


async def test_a_patch_changes_what_it_names(people: People) -> None:
    editor = await people.register("editor")
    shelf = (await category(editor.http)).json()["id"]
    made = await draft(editor.http, category_id=shelf, description="Old.")
    place = made.headers["location"]
    renamed = await editor.http.patch(place, json={"name": " Quoin "}, headers=tag(made))
    assert renamed.json() == made.json() | {"name": "Quoin", "version": 2}
    moved = await editor.http.patch(place, json={"category_id": None}, headers=tag(renamed))
    assert moved.json() == renamed.json() | {"category_id": None, "version": 3}
    same = await editor.http.patch(place, json={"name": "Quoin"}, headers=tag(moved))
    assert same.json() == moved.json()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": None}, "/body/name"),
        ({"name": ""}, "/body/name"),
        ({"name": " "}, "/body/name"),
        ({"name": "a\nb"}, "/body/name"),
        ({"price": None}, "/body/price"),
        ({"price": {"amount": "1"}}, "/body/price/currency"),
        ({"price": {"amount": 1, "currency": "EUR"}}, "/body/price/amount"),
        ({"price": {"amount": "1.001", "currency": "EUR"}}, "/body/price/amount"),
        ({"price": {"amount": "1E+9", "currency": "EUR"}}, "/body/price/amount"),
        ({"price": {"amount": "NaN", "currency": "EUR"}}, "/body/price/amount"),
        ({"price": {"amount": "1", "currency": "XXX"}}, "/body/price/currency"),
        ({"sku": "a b"}, "/body/sku"),
        ({"sku": "a" * 65}, "/body/sku"),
        ({"category_id": "none"}, "/body/category_id"),
        ({"category_id": str(uuid4())}, "/body/category_id"),
        ({"owner_id": str(uuid4())}, "/body"),
        ({"status": "published"}, "/body"),
        ({"version": 7}, "/body"),
    ],
)
async def test_a_patch_that_breaks_a_rule_points_at_it(
    people: People, change: dict[str, Any], pointer: str
) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    answer = await editor.http.patch(made.headers["location"], json=change, headers=tag(made))
    assert (answer.status_code, pointers(answer)) == (422, {pointer})
    assert (await editor.http.get(made.headers["location"])).json() == made.json()


@pytest.mark.parametrize("member", ["sku", "name", "price"])
async def test_each_missing_member_is_pointed_at(people: People, member: str) -> None:
    editor = await people.register("editor")
    body = product_body()
    del body[member]
    answer = await editor.http.post(PRODUCTS, json=body)
    assert (answer.status_code, pointers(answer)) == (422, {f"/body/{member}"})


async def test_unknown_members_are_refused(people: People) -> None:
    editor = await people.register("editor")
    answer = await editor.http.post(PRODUCTS, json=product_body(colour="red"))
    assert (answer.status_code, pointers(answer)) == (422, {"/body"})
    assert "red" not in answer.text
    assert "colour" not in answer.text


async def test_changes_say_what_they_are_based_on(people: People) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    place = made.headers["location"]
    for method, body in (("PATCH", {"name": "B"}), ("DELETE", None)):
        answer = await editor.http.request(method, place, json=body)
        assert problem(answer) == (428, "precondition_required")
        for stale in ('"v2"', '"x"', "*", 'W/"v1"', '"v99999999999"'):
            header = {"If-Match": stale}
            answer = await editor.http.request(method, place, json=body, headers=header)
            assert problem(answer) == (412, "stale")


async def test_a_version_that_is_known_is_not_sent_again(people: People) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    known = {"If-None-Match": made.headers["etag"]}
    answer = await editor.http.get(made.headers["location"], headers=known)
    assert (answer.status_code, answer.content) == (304, b"")


async def test_a_sku_is_taken_once(people: People) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    await draft(editor.http, sku="LIM-1")
    for http in (editor.http, other.http):
        answer = await http.post(PRODUCTS, json=product_body(sku="LIM-1"))
        assert problem(answer) == (409, "catalog.sku_taken")
    made = await draft(other.http, sku="LIM-2")
    answer = await other.http.patch(
        made.headers["location"], json={"sku": "LIM-1"}, headers=tag(made)
    )
    assert problem(answer) == (409, "catalog.sku_taken")


async def test_a_product_lives_once(people: People, client: httpx2.AsyncClient) -> None:
    editor = await people.register("editor")
    made = await publish(editor.http)
    place = f"{PRODUCTS}/{made.json()['id']}"
    assert problem(await editor.http.post(f"{place}/publish")) == (409, "catalog.already_published")
    assert problem(await editor.http.delete(place, headers=tag(made))) == (
        409,
        "catalog.still_published",
    )
    fixed = await editor.http.patch(place, json={"sku": "OTHER"}, headers=tag(made))
    assert problem(fixed) == (409, "catalog.sku_fixed")
    over = await editor.http.post(f"{place}/archive")
    assert (over.status_code, over.json()["status"]) == (200, "archived")
    assert problem(await client.get(place)) == GONE
    for verb in ("publish", "archive"):
        again = await editor.http.post(f"{place}/{verb}")
        assert problem(again) == (409, "catalog.already_archived")


async def test_a_product_is_deleted_once(people: People) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    place = made.headers["location"]
    assert (await editor.http.delete(place, headers=tag(made))).status_code == 204
    assert problem(await editor.http.delete(place, headers=tag(made))) == GONE
    assert problem(await editor.http.get(place)) == GONE


async def test_of_parallel_edits_of_one_version_one_wins(people: People) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    place = made.headers["location"]
    answers = await asyncio.gather(
        *(editor.http.patch(place, json={"name": f"N{n}"}, headers=tag(made)) for n in range(50))
    )
    assert sorted(one.status_code for one in answers) == [200] + [412] * 49
    assert (await editor.http.get(place)).json()["version"] == 2


async def test_of_parallel_products_of_one_sku_one_is_made(people: People) -> None:
    editor = await people.register("editor")
    answers = await asyncio.gather(
        *(editor.http.post(PRODUCTS, json=product_body(sku="LIM-1")) for _ in range(12))
    )
    assert sorted(one.status_code for one in answers) == [201] + [409] * 11


async def test_of_parallel_publications_one_is_the_first(people: People) -> None:
    editor = await people.register("editor")
    place = (await draft(editor.http)).headers["location"]
    answers = await asyncio.gather(*(editor.http.post(f"{place}/publish") for _ in range(8)))
    assert sorted(one.status_code for one in answers) == [200] + [409] * 7


async def test_each_change_is_in_the_audit_log(people: People) -> None:
    editor, boss = await people.register("editor"), await people.register("administrator")
    made = await publish(editor.http)
    id = made.json()["id"]
    place = f"{PRODUCTS}/{id}"
    await editor.http.patch(place, json={"name": "Quoin"}, headers=tag(made))
    over = await editor.http.post(f"{place}/archive")
    await editor.http.delete(place, headers=tag(over))
    entries = await listed(boss.http, "/v1/audit/events", subject_id=id)
    assert [one["action"] for one in reversed(entries)] == [
        f"catalog.Product{verb}"
        for verb in ("Drafted", "Published", "Changed", "Archived", "Deleted")
    ]
    assert {one["actor_id"] for one in entries} == {str(editor.id)}
