"""Media of products over HTTP, and what becomes of their contents."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx2

from modules.catalog.domain.media import MOST_BYTES
from tests.catalog.pictures import (
    PNG,
    added,
    png,
    sent,
)
from tests.catalog.shop import draft, listed, pointers, problem, publish, tag
from tests.kit.people import People


async def _place(http: httpx2.AsyncClient) -> str:
    return str((await draft(http)).headers["location"])


async def _order(http: httpx2.AsyncClient, place: str) -> Sequence[tuple[str, int]]:
    return [(one["id"], one["position"]) for one in await listed(http, f"{place}/media")]


async def test_a_picture_is_added_shown_described_and_removed(people: People) -> None:
    http = (await people.register("editor")).http
    place = await _place(http)
    made = await added(http, place, png(), alt_text=" A wall ")
    here = made.headers["location"]
    assert here == f"{place}/media/{made.json()['id']}"
    told = {k: v for k, v in made.json().items() if k not in {"id", "created_at", "sha256"}}
    assert told == {
        "product_id": place.rpartition("/")[2],
        "position": 0,
        "alt_text": "A wall",
        "content_type": "image/png",
        "size": 12,
        "version": 1,
    }
    assert (await http.get(here)).json() == made.json()
    changed = await http.patch(here, json={"alt_text": ""}, headers=tag(made))
    assert changed.json() == made.json() | {"alt_text": "", "version": 2}
    assert problem(await http.patch(here, json={"position": 1})) == (428, "precondition_required")
    assert problem(await http.delete(here, headers=tag(made))) == (412, "stale")
    assert (await http.delete(here, headers=tag(changed))).status_code == 204
    assert problem(await http.get(here)) == (404, "catalog.no_such_media")
    assert problem(await http.get(f"{here}/content")) == (404, "catalog.no_such_media")


async def test_a_picture_may_be_larger_than_other_bodies_but_not_of_any_size(
    people: People,
) -> None:
    http = (await people.register("editor")).http
    place = await _place(http)
    largest = PNG + bytes(MOST_BYTES - len(PNG))
    assert (await added(http, place, largest)).json()["size"] == MOST_BYTES
    assert problem(await sent(http, place, largest + b"\0")) == (413, "body_too_large")
    assert len(await _order(http, place)) == 1


async def test_a_product_has_a_picture_once_and_fifty_at_most(people: People) -> None:
    http = (await people.register("editor")).http
    place, other = await _place(http), await _place(http)
    for number in range(50):
        await added(http, place, png(number))
    assert problem(await sent(http, place, png(50))) == (409, "catalog.too_many_media")
    await added(http, other, png(0))
    assert problem(await sent(http, other, png(0))) == (409, "catalog.media_twice")


async def test_alt_texts_are_one_line_of_text(people: People) -> None:
    http = (await people.register("editor")).http
    place = await _place(http)
    made = await added(http, place, png())
    here, headers = made.headers["location"], tag(made)
    refused = await http.patch(here, json={"alt_text": "a\nb"}, headers=headers)
    assert problem(refused) == (422, "catalog.text_refused")
    assert pointers(refused) == {"/body/alt_text"}
    for body in ({"alt_text": "a" * 201}, {"position": -1}, {"position": 50}, {"sha256": "a"}):
        assert (await http.patch(here, json=body, headers=headers)).status_code == 422
    assert (await sent(http, place, png(1), alt_text="a" * 201)).status_code == 422


async def test_ten_pictures_sent_at_once_stand_in_one_order(people: People) -> None:
    http = (await people.register("editor")).http
    place = await _place(http)
    await asyncio.gather(*(added(http, place, png(number)) for number in range(10)))
    order = await _order(http, place)
    assert [position for _, position in order] == [*range(10)]
    assert len(dict(order)) == 10


async def test_pictures_make_room_for_one_that_is_moved_and_move_up_for_one_that_goes(
    people: People,
) -> None:
    http = (await people.register("editor")).http
    place = await _place(http)
    made = [await added(http, place, png(number)) for number in range(4)]
    a, b, c, d = [one.json()["id"] for one in made]
    last, first = made[3].headers["location"], made[0].headers["location"]
    moved = await http.patch(last, json={"position": 1}, headers=tag(made[3]))
    assert (moved.json()["position"], moved.json()["version"]) == (1, 2)
    assert await _order(http, place) == [(a, 0), (d, 1), (b, 2), (c, 3)]
    end = await http.patch(first, json={"position": 49}, headers=tag(made[0]))
    assert end.json()["position"] == 3
    assert await _order(http, place) == [(d, 0), (b, 1), (c, 2), (a, 3)]
    away = made[1].headers["location"]
    assert problem(await http.delete(away, headers=tag(made[1]))) == (412, "stale")
    seen = await http.get(away)
    assert (await http.delete(away, headers=tag(seen))).status_code == 204
    assert await _order(http, place) == [(d, 0), (c, 1), (a, 2)]


async def test_moves_at_once_leave_one_order(people: People) -> None:
    http = (await people.register("editor")).http
    place = await _place(http)
    made = [await added(http, place, png(number)) for number in range(6)]

    async def move(one: httpx2.Response, to: int) -> int:
        here = one.headers["location"]
        answer = await http.patch(here, json={"position": to}, headers=tag(one))
        return answer.status_code

    statuses = await asyncio.gather(*(move(one, 5 - n) for n, one in enumerate(made)))
    assert 200 in statuses
    assert {*statuses} <= {200, 412}
    assert [position for _, position in await _order(http, place)] == [*range(6)]


async def test_strangers_see_the_pictures_of_what_is_published_and_may_keep_them(
    client: httpx2.AsyncClient, people: People
) -> None:
    http = (await people.register("editor")).http
    place = f"/v1/catalog/products/{(await publish(http)).json()['id']}"
    made = await added(http, place, png())
    content = f"{made.headers['location']}/content"
    shown = await client.get(content)
    assert shown.headers["cache-control"] == "public, max-age=60"
    assert shown.headers["etag"] == f'"{made.json()["sha256"]}"'
    again = await client.get(content, headers={"If-None-Match": shown.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert shown.headers["cross-origin-resource-policy"] == "cross-origin"
    part = await client.get(content, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (200, png())
    mine = await http.get(content)
    assert mine.headers["cache-control"] == "no-store"
    assert mine.headers["cross-origin-resource-policy"] == "same-origin"
    assert [one["id"] for one in await listed(client, f"{place}/media")] == [made.json()["id"]]


async def test_the_pictures_of_a_foreign_draft_are_nowhere(
    client: httpx2.AsyncClient, people: People
) -> None:
    owner, other = await people.register("editor"), await people.register("editor")
    place = await _place(owner.http)
    made = await added(owner.http, place, png())
    here = made.headers["location"]
    for http in (other.http, client):
        for path in (f"{place}/media", here, f"{here}/content"):
            assert problem(await http.get(path)) == (404, "catalog.no_such_product")
    refusals: list[Any] = [
        await sent(other.http, place, png(1)),
        await other.http.patch(here, json={"position": 0}, headers=tag(made)),
        await other.http.delete(here, headers=tag(made)),
    ]
    assert {problem(one) for one in refusals} == {(404, "catalog.no_such_product")}
    elsewhere = here.replace(place, await _place(other.http))
    assert problem(await other.http.get(elsewhere)) == (404, "catalog.no_such_media")


async def test_others_see_the_pictures_of_what_is_published_but_do_not_touch_them(
    people: People,
) -> None:
    owner, other = await people.register("editor"), await people.register("editor")
    place = f"/v1/catalog/products/{(await publish(owner.http)).json()['id']}"
    made = await added(owner.http, place, png())
    assert problem(await sent(other.http, place, png(1)))[0] == 403
    refused = await other.http.delete(made.headers["location"], headers=tag(made))
    assert problem(refused)[0] == 403
    archived = await owner.http.post(f"{place}/archive")
    assert archived.status_code == 200
    late = await sent(owner.http, place, png(1))
    assert problem(late) == (409, "catalog.already_archived")
