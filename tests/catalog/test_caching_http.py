"""What strangers are shown may be kept by caches; what they have already is not read again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from uuid import uuid4

import httpx2
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from tests.catalog.shop import CATEGORIES, PRODUCTS, category, draft, problem, publish, tag
from tests.kit.people import People
from tests.kit.running import client_of, running
from tests.kit.statements import Listened, Statements, listening

PUBLIC = "public, max-age=60"
VARY = "authorization, cookie"


async def _shown(http: httpx2.AsyncClient) -> Sequence[str]:
    """Return the addresses of what strangers may read."""
    product, made = (await publish(http)).json(), await category(http)
    item = f"{PRODUCTS}/{product['id']}"
    variant = {"sku": f"V-{uuid4().hex[:8]}", "options": {"size": "M"}}
    added = await http.post(f"{item}/variants", json=variant)
    assert added.status_code == 201, added.text
    of_variants = (f"{item}/variants", added.headers["location"])
    tree = f"{CATEGORIES}/tree"
    return (PRODUCTS, item, CATEGORIES, made.headers["location"], tree, *of_variants)


async def test_what_strangers_are_shown_may_be_kept_and_asked_for_again(
    client: httpx2.AsyncClient, people: People
) -> None:
    editor = await people.register("editor")
    for path in await _shown(editor.http):
        first = await client.get(path)
        told = {name: first.headers[name] for name in ("cache-control", "vary", "etag")}
        assert (told["cache-control"], told["vary"]) == (PUBLIC, VARY), path
        again = await client.get(path, headers={"If-None-Match": told["etag"]})
        assert (again.status_code, again.content) == (304, b""), path
        assert {name: again.headers[name] for name in told} == told, path
        other = await client.get(path, headers={"If-None-Match": '"v999"'})
        assert (other.status_code, other.content) == (200, first.content), path


async def test_what_the_signed_in_are_shown_is_not_kept(people: People) -> None:
    editor = await people.register("editor")
    for path in await _shown(editor.http):
        answer = await editor.http.get(path)
        assert answer.headers["cache-control"] == "no-store", path
        assert answer.headers["vary"] == VARY, path


async def test_refusals_are_not_kept(client: httpx2.AsyncClient) -> None:
    for path in (f"{PRODUCTS}/{uuid4()}", f"{PRODUCTS}/none", f"{PRODUCTS}?owner=me"):
        for headers in ({}, {"If-None-Match": '"v1"'}):
            refused = await client.get(path, headers=headers)
            assert refused.status_code in {401, 404, 422}
            assert refused.headers["cache-control"] == "no-store"


async def test_what_changed_is_shown_anew(client: httpx2.AsyncClient, people: People) -> None:
    editor = await people.register("editor")
    made = await publish(editor.http)
    item = f"{PRODUCTS}/{made.json()['id']}"
    before = {path: (await client.get(path)).headers["etag"] for path in (item, PRODUCTS)}
    changed = await editor.http.patch(item, json={"name": "Another"}, headers=tag(made))
    assert changed.status_code == 200
    for path, known in before.items():
        answer = await client.get(path, headers={"If-None-Match": known})
        assert answer.status_code == 200, path
        assert "Another" in answer.text


async def test_whoever_may_not_read_a_product_does_not_learn_that_they_know_its_version(
    client: httpx2.AsyncClient, people: People
) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    item, known = made.headers["location"], {"If-None-Match": made.headers["etag"]}
    assert (await editor.http.get(item, headers=known)).status_code == 304
    assert problem(await client.get(item, headers=known)) == (404, "catalog.no_such_product")


async def test_a_bad_token_is_refused_whatever_the_client_knows(
    client: httpx2.AsyncClient, people: People
) -> None:
    editor = await people.register("editor")
    made = await publish(editor.http)
    headers = {"If-None-Match": made.headers["etag"], "Authorization": "Bearer forged"}
    assert (await client.get(f"{PRODUCTS}/{made.json()['id']}", headers=headers)).status_code == 401


@pytest_asyncio.fixture
async def heard(app: FastAPI) -> AsyncGenerator[tuple[httpx2.AsyncClient, Listened]]:
    """A stranger, and what their last request ran on the database."""
    listened = Listened()
    with listening():
        transport = httpx2.ASGITransport(app=Statements(app, listened.take))
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8000"
        ) as http:
            yield http, listened


async def test_what_the_client_has_is_not_read_again(
    heard: tuple[httpx2.AsyncClient, Listened], people: People
) -> None:
    stranger, listened = heard
    editor = await people.register("editor")
    made = await publish(editor.http, description="a" * 5_000)
    item, known = f"{PRODUCTS}/{made.json()['id']}", {"If-None-Match": made.headers["etag"]}
    for token in ("", editor.http.headers["authorization"]):
        headers = known | ({"Authorization": token} if token else {})
        assert (await stranger.get(item, headers=headers)).status_code == 304
        [read] = [one for one in listened.last if "products" in one]
        columns = read.partition("FROM")[0]
        assert "version" in columns
        assert not {"description", "name", "attributes"} & set(columns.replace(",", ".").split("."))

    assert (await stranger.get(f"{item}?include=allowed_actions", headers=known)).status_code == 304
    assert "description" in "".join(listened.last)
    assert (await stranger.get(item)).status_code == 200
    assert len([one for one in listened.last if "products" in one]) == 1


async def test_caches_keep_nothing_where_the_settings_say_so(
    settings: PlatformSettings, people: People
) -> None:
    editor = await people.register("editor")
    made = (await publish(editor.http)).json()
    without = settings.model_copy(update={"public_max_age": 0, "relay": False})
    async with running(without) as app, client_of(app) as stranger:
        for path in (PRODUCTS, f"{PRODUCTS}/{made['id']}"):
            answer = await stranger.get(path)
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "no-store"
