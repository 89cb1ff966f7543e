"""Contents of media over HTTP: what is taken and shown, however it is sent, and what goes when."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping, Sequence
from typing import Any

import httpx2
from fastapi import FastAPI

from modules.catalog.application.trash import EmptyTrash
from shared_kernel.module import Services
from tests.catalog.pictures import GIF, PNG, added, files, grow_old, hash_of, png, sent, sweep
from tests.catalog.shop import draft, listed, problem, tag
from tests.kit.people import People

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


async def _place(http: httpx2.AsyncClient) -> str:
    return str((await draft(http)).headers["location"])


def _policy_of(answer: httpx2.Response) -> set[str]:
    return {*answer.headers["content-security-policy"].split("; ")}


async def test_a_picture_that_is_a_page_too_is_shown_as_a_picture_that_runs_nothing(
    people: People,
) -> None:
    http = (await people.register("editor")).http
    content = GIF + b"<script>alert(1)</script>"
    made = await added(http, await _place(http), content, of="text/html")
    assert made.json()["content_type"] == "image/gif"
    shown = await http.get(f"{made.headers['location']}/content")
    assert shown.content == content
    assert shown.headers["content-type"] == "image/gif"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert {"default-src 'none'", "sandbox"} <= _policy_of(shown)
    name = f"{made.json()['id']}.gif"
    assert shown.headers["content-disposition"] == f'inline; filename="{name}"'


async def test_what_is_no_picture_is_refused_and_not_kept(app: FastAPI, people: People) -> None:
    http, before = (await people.register("editor")).http, files(app)
    place = await _place(http)
    refused = await sent(http, place, SVG)
    assert problem(refused) == (422, "catalog.no_picture")
    assert files(app) == before
    assert await listed(http, f"{place}/media") == []


async def test_a_picture_sent_twice_at_once_is_there_once_and_kept_once(
    app: FastAPI, people: People
) -> None:
    http = (await people.register("editor")).http
    place, other, content = await _place(http), await _place(http), png(77)
    answers = await asyncio.gather(*(sent(http, to, content) for to in (place, place, other)))
    assert sorted(one.status_code for one in answers[:2]) == [201, 409]
    assert answers[2].status_code == 201
    assert len(await listed(http, f"{place}/media")) == 1
    assert [one.name for one in files(app)].count(hash_of(content)) == 1


async def test_a_picture_that_goes_while_it_is_shown_is_shown_whole_or_not_at_all(
    people: People,
) -> None:
    http = (await people.register("editor")).http
    made = await added(http, await _place(http), png())
    here = made.headers["location"]
    asked = [http.get(f"{here}/content") for _ in range(4)]
    *shown, gone = await asyncio.gather(*asked, http.delete(here, headers=tag(made)))
    assert gone.status_code == 204
    assert {(one.status_code, one.content) for one in shown if one.status_code != 404} <= {
        (200, png())
    }


async def test_contents_that_nothing_names_are_swept_away_an_hour_after(
    app: FastAPI, people: People
) -> None:
    http = (await people.register("editor")).http
    place, other = await _place(http), await _place(http)
    grow_old(app)
    await sweep(app)
    stays, shared, goes = [await added(http, place, png(number)) for number in range(3)]
    await added(http, other, png(1))
    for one in (goes, shared):
        seen = await http.get(one.headers["location"])
        assert (await http.delete(seen.url.path, headers=tag(seen))).status_code == 204
    assert await sweep(app) == 0
    grow_old(app)
    assert await sweep(app) == 1
    left = {one.json()["sha256"] for one in (stays, shared)}
    assert {file.name for file in files(app)} == left
    shown = await http.get(f"{stays.headers['location']}/content")
    assert shown.content == png(0)


async def test_contents_of_purged_products_and_of_uploads_that_died_are_swept_away(
    app: FastAPI, people: People
) -> None:
    http = (await people.register("editor")).http
    made = await draft(http)
    await added(http, made.headers["location"], png(7))
    grow_old(app)
    await sweep(app)
    (kept,) = files(app)
    seen = await http.get(made.headers["location"])
    assert (await http.delete(made.headers["location"], headers=tag(seen))).status_code == 204
    assert await sweep(app) == 0  # it can still be had back
    services: Services = app.state.services
    empty = services.get(EmptyTrash)
    await empty(-empty.keeps)
    kept.with_name("unfinished-abc").write_bytes(b"half")
    assert await sweep(app) == 1
    grow_old(app)
    assert await sweep(app) == 1
    assert files(app) == []


async def test_what_comes_back_from_the_trash_has_its_pictures(
    app: FastAPI, client: httpx2.AsyncClient, people: People
) -> None:
    http = (await people.register("editor")).http
    place = await _place(http)
    made = await added(http, place, png(8))
    content = f"{made.headers['location']}/content"
    seen = await http.get(place)
    assert (await http.delete(place, headers=tag(seen))).status_code == 204
    for one in (http, client):
        assert problem(await one.get(content)) == (404, "catalog.no_such_product")
    grow_old(app)
    await sweep(app)
    assert (await http.post(f"{place}/restore")).status_code == 200
    assert (await http.get(content)).content == png(8)


async def test_a_picture_whose_sender_went_away_is_not_kept(app: FastAPI, people: People) -> None:
    http, before = (await people.register("editor")).http, files(app)
    place = await _place(http)
    assert await _broken_off(app, http, f"{place}/media", PNG) == []
    assert files(app) == before
    assert await listed(http, f"{place}/media") == []


async def _broken_off(
    app: FastAPI, http: httpx2.AsyncClient, path: str, begun: bytes
) -> Sequence[MutableMapping[str, Any]]:
    """Send the beginning of a body, go away, and return what was answered."""
    said = list[MutableMapping[str, Any]]()
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": begun, "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    signed = http.headers["authorization"].encode()
    scope = {
        "type": "http",
        "method": "POST",
        "http_version": "1.1",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [
            (b"host", b"127.0.0.1"),
            (b"authorization", signed),
            (b"transfer-encoding", b"chunked"),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    return said


async def test_a_content_that_cannot_be_read_is_told_as_out_of_order(
    app: FastAPI, people: People
) -> None:
    http = (await people.register("editor")).http
    made = await added(http, await _place(http), png(9))
    next(one for one in files(app) if one.name == made.json()["sha256"]).unlink()
    answer = await http.get(f"{made.headers['location']}/content")
    assert problem(answer) == (503, "catalog.media_unavailable")
