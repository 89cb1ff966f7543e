"""Products in other languages, and by their slugs."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from tests.catalog.findings import found
from tests.catalog.shop import PRODUCTS, draft, pointers, problem, publish, tag
from tests.kit.people import People

GONE = (404, "catalog.no_such_product")
STEIN = {"name": "Kalksteinquader", "description": "Gesägt."}


async def translated(
    http: httpx2.AsyncClient, made: httpx2.Response, locale: str = "de", **words: Any
) -> httpx2.Response:
    place = f"{PRODUCTS}/{made.json()['id']}/translations/{locale}"
    return await http.put(place, json=STEIN | words, headers=tag(made))


async def test_a_product_is_read_in_the_language_asked_for(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    made = await publish(editor.http)
    answer = await translated(editor.http, made)
    assert answer.json() == STEIN | {"locale": "de", "slug": "kalksteinquader", "version": 3}
    assert answer.headers["etag"] == '"v3"'
    place = f"{PRODUCTS}/{made.json()['id']}"
    read = (await client.get(place, params={"locale": "de"})).json()
    assert read == made.json() | STEIN | {"slug": "kalksteinquader", "version": 3}
    for params in ({}, {"locale": "fr"}):
        assert (await client.get(place, params=params)).json() == made.json() | {"version": 3}
    one = await client.get(f"{place}/translations/de")
    assert one.json() == answer.json()
    missing = await client.get(f"{place}/translations/fr")
    assert problem(missing) == (404, "catalog.not_translated")


async def test_a_product_is_found_by_what_it_is_called(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    made = await publish(editor.http, slug="ashlar")
    await translated(editor.http, made, slug="quader")
    other = await publish(editor.http, slug="quader")

    async def found(slug: str, **params: str) -> tuple[str, str] | tuple[int, str]:
        answer = await client.get(f"{PRODUCTS}/by-slug/{slug}", params=params)
        if answer.status_code != 200:
            return problem(answer)
        return answer.json()["id"], answer.json()["name"]

    id, name = made.json()["id"], made.json()["name"]
    assert await found("ashlar") == (id, name)
    assert await found("ashlar", locale="de") == (id, STEIN["name"])
    assert await found("quader", locale="de") == (id, STEIN["name"])
    assert await found("quader") == (other.json()["id"], name)
    assert await found("quader", locale="fr") == (other.json()["id"], name)
    assert await found("none") == GONE
    hidden = await draft(editor.http, slug="hidden")
    assert await found("hidden") == GONE
    await editor.http.delete(hidden.headers["location"], headers=tag(hidden))
    assert problem(await editor.http.get(f"{PRODUCTS}/by-slug/hidden")) == GONE


async def test_a_slug_is_taken_once_in_each_language(people: People) -> None:
    editor = await people.register("editor")
    first, second = await draft(editor.http), await draft(editor.http)
    assert (await translated(editor.http, first, slug="quader")).status_code == 200
    taken = await translated(editor.http, second, slug="quader")
    assert (problem(taken), pointers(taken)) == ((409, "catalog.slug_taken"), {"/body/slug"})
    assert (await translated(editor.http, second, "nl", slug="quader")).status_code == 200
    place = first.headers["location"]
    changed = await editor.http.get(place)
    await editor.http.delete(place, headers=tag(changed))
    third = await draft(editor.http)
    assert (await translated(editor.http, third, slug="quader")).status_code == 200
    back = await editor.http.post(f"{place}/restore")
    assert problem(back) == (409, "catalog.slug_taken")


async def test_who_chooses_no_slug_gets_one_and_keeps_it(people: People) -> None:
    editor = await people.register("editor")
    products = [await draft(editor.http) for _ in range(6)]
    answers = await asyncio.gather(*(translated(editor.http, one) for one in products))
    assert [one.status_code for one in answers] == [200] * 6
    assert len({one.json()["slug"] for one in answers}) == 6
    renamed = await translated(editor.http, answers_of(answers[0], products[0]), name="Quader")
    assert (renamed.json()["name"], renamed.json()["slug"]) == ("Quader", answers[0].json()["slug"])


def answers_of(answer: httpx2.Response, made: httpx2.Response) -> httpx2.Response:
    """Return the product as made, at the version of a later answer."""
    made.headers["etag"] = answer.headers["etag"]
    return made


@pytest.mark.parametrize(
    ("locale", "status"), [("en", 422), ("DE", 422), ("deutsch", 422), ("de-de", 422)]
)
async def test_what_is_no_language_to_translate_into_is_refused(
    people: People, locale: str, status: int
) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    assert (await translated(editor.http, made, locale)).status_code == status


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({"name": " "}, "/body/name"),
        ({"slug": "tree"}, "/body/slug"),
        ({"description": "a\u0086b"}, "/body/description"),
        ({"sku": "A"}, "/body"),
    ],
)
async def test_words_that_break_a_rule_are_pointed_at(
    people: People, words: dict[str, Any], pointer: str
) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    answer = await translated(editor.http, made, **words)
    assert (answer.status_code, pointers(answer)) == (422, {pointer})


async def test_a_translation_is_taken_away_by_who_may_write(people: People) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    made = await publish(editor.http)
    place = f"{PRODUCTS}/{made.json()['id']}/translations/de"
    assert problem(await translated(other.http, made))[0] == 403
    assert problem(await editor.http.put(place, json=STEIN))[0] == 428
    put = await translated(editor.http, made)
    assert problem(await translated(editor.http, made)) == (412, "stale")
    assert problem(await other.http.delete(place, headers=tag(put)))[0] == 403
    assert (await editor.http.delete(place, headers=tag(put))).status_code == 204
    assert problem(await editor.http.get(place)) == (404, "catalog.not_translated")
    history = (await editor.http.get(f"{PRODUCTS}/{made.json()['id']}/history")).json()["items"]
    assert [*history[0]["changes"]] == ["translations"]
    assert [one["version"] for one in history] == [4, 3, 2, 1]


async def test_a_product_is_searched_by_its_words_in_other_languages(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    made = await publish(editor.http, sku="CUT", name="Cut stone")
    await publish(editor.http, sku="OWN", name="Kalksteinquader")
    place = f"{PRODUCTS}/{made.json()['id']}"

    async def say(**words: str) -> None:
        seen = await editor.http.get(place)
        assert (await translated(editor.http, seen, **words)).status_code == 200

    await say()
    await say(locale="fr", name="Pierre taillée", description="")
    assert await found(client, "kalksteinquader") == ["OWN", "CUT"]
    for word in ("Gesägt", "taillee", "cut stone"):
        assert await found(client, word) == ["CUT"], word
    await say(name="Sandsteinquader", description="")
    seen = await editor.http.get(place)
    await editor.http.patch(place, json={"name": "Hewn block"}, headers=tag(seen))
    assert await found(client, "kalksteinquader") == ["OWN"]
    for word in ("sandsteinquader", "pierre", "hewn"):
        assert await found(client, word) == ["CUT"], word
    seen = await editor.http.get(place)
    await editor.http.delete(f"{place}/translations/de", headers=tag(seen))
    # What nothing holds is answered by likeness, which goes by names in the shop's own language.
    assert "CUT" not in await found(client, "sandsteinquader")
    assert await found(client, "pierre hewn") == ["CUT"]
