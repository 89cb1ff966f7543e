"""Finding products over HTTP: words, ranks, marks, typing errors, beginnings, pages."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx2
import pytest

from tests.catalog.findings import SEARCH, SUGGESTIONS, found, shop
from tests.catalog.shop import PRODUCTS, category, draft, listed, problem, publish, tag
from tests.kit.cluster import TestDatabase
from tests.kit.people import People


async def suggested(http: httpx2.AsyncClient, q: str, **query: Any) -> list[str]:
    answer = await http.get(SUGGESTIONS, params={"q": q, **query})
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


def marked(fragments: list[dict[str, Any]]) -> str:
    """Return fragments as one text, in brackets what is marked."""
    return "".join(f"[{one['text']}]" if one["marked"] else one["text"] for one in fragments)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("point", ["CHI-1", "CHI-2"]),
        ("POINTS", ["CHI-1", "CHI-2"]),
        ("split stones", ["CHI-1"]),
        ("claw chisel", ["CHI-2"]),
        ("chisel -claw -beech", ["CHI-1"]),
        ('"first blow"', ["CHI-1"]),
        ("knitted or masons", ["RTL-1", "ODD-1"]),
        ("chi-2", ["CHI-2"]),
        ("MAL-1", ["MAL-1"]),
        ("cafe creme", ["CAF-1"]),
        ("brulee", ["CAF-1"]),
        ("crème", ["CAF-1"]),
        ("אבן", ["RTL-1"]),
        ("100%", ["ODD-1"]),
        ("alert", ["BAD-1"]),
    ],
)
async def test_words_find_what_has_all_of_them(
    people: People, client: httpx2.AsyncClient, q: str, expected: list[str]
) -> None:
    await shop(people)
    assert sorted(await found(client, q)) == sorted(expected)


async def test_the_best_come_first(people: People, client: httpx2.AsyncClient) -> None:
    editor = await shop(people)
    await publish(editor.http, sku="chisel", name="Something else")
    await publish(editor.http, sku="EXACT", name="Chisel")
    order = await found(client, "chisel")
    assert order[:2] == ["chisel", "EXACT"]
    assert order[-1] == "MAL-1"
    assert set(order[2:-1]) == {"CHI-1", "CHI-2"}


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("chisle", {"CHI-1", "CHI-2"}),
        ("chizel", {"CHI-1", "CHI-2"}),
        ("malet", {"MAL-1"}),
        ("beach mallett", {"MAL-1"}),
        ("pont chisel", {"CHI-1", "CHI-2"}),
        ("cfe creme", {"CAF-1"}),
    ],
)
async def test_typing_errors_find_what_resembles_them(
    people: People, client: httpx2.AsyncClient, q: str, expected: set[str]
) -> None:
    await shop(people)
    hits = await listed(client, SEARCH, q=q)
    assert {one["product"]["sku"] for one in hits} == expected
    assert {one["similar"] for one in hits} == {True}
    assert all("[" in marked(one["highlights"]["name"]) for one in hits)


async def test_what_was_found_is_marked_in_pieces_of_plain_text(
    people: People, client: httpx2.AsyncClient
) -> None:
    await shop(people)
    (hit,) = await listed(client, SEARCH, q="splitting")
    assert hit["similar"] is False
    assert marked(hit["highlights"]["name"]) == "Point chisel"
    assert marked(hit["highlights"]["description"]) == "[Splits] stone. For the first blow"
    (hit,) = await listed(client, SEARCH, q="bold")
    assert marked(hit["highlights"]["name"]) == "<b>[Bold]</b> & <script>alert(1)</script>"
    assert hit["highlights"]["description"] == []


async def test_what_marks_a_text_inside_can_be_written_in_it(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    await publish(editor.http, name="odd\ue000 slate \ue001mark", description="\ue000slate\ue000")
    (hit,) = await listed(client, SEARCH, q="slate")
    assert marked(hit["highlights"]["name"]) == "odd [slate] mark"
    assert marked(hit["highlights"]["description"]) == "[slate]"


@pytest.mark.parametrize(
    "q",
    ["%", "_", "\\", "& | ! <-> :*", "''", "'; drop table x; --", "the of and", "((((", '"', "-",
     "🪨🪨🪨", "\u202e\u200f", "a:b:*", "x" * 200, "или", "\ue000", "$1", "word " * 40],
)  # fmt: skip
@pytest.mark.parametrize("path", [SEARCH, SUGGESTIONS])
async def test_anything_may_be_asked(
    people: People, client: httpx2.AsyncClient, path: str, q: str
) -> None:
    await publish((await people.register("editor")).http)
    answer = await client.get(path, params={"q": q[:100]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["items"] == []


@pytest.mark.parametrize(
    ("q", "status"),
    [("", 422), ("a\x00b", 400), ("x" * 10_000, 414), ("x" * 201, 422)],
    ids=["nothing", "a NUL", "10,000 characters", "one too many"],
)
@pytest.mark.parametrize("path", [SEARCH, SUGGESTIONS])
async def test_what_is_no_question_is_refused(
    client: httpx2.AsyncClient, path: str, q: str, status: int
) -> None:
    assert problem(await client.get(path, params={"q": q}))[0] == status
    assert problem(await client.get(path))[0] == 422


async def test_a_search_is_narrowed_by_the_filters_of_the_list(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await shop(people)
    shelf = (await category(editor.http)).json()["id"]
    price = {"amount": "12.50", "currency": "USD"}
    await publish(editor.http, sku="SHELF", name="Drove chisel", price=price, category_id=shelf)
    await draft(editor.http, sku="DRAFT", name="Pitching chisel")
    assert await found(client, "chisel", category_id=shelf) == ["SHELF"]
    assert await found(client, "chisel", currency="USD") == ["SHELF"]
    assert await found(client, "chisel", **{"price.lte": "13"}) == ["SHELF"]
    assert await found(client, "chisel", sku="CHI-1") == ["CHI-1"]
    assert await found(editor.http, "chisel", status="draft") == ["DRAFT"]
    assert await found(client, "chisle", category_id=shelf) == ["SHELF"]
    assert await suggested(client, "chisel", category_id=shelf) == ["Drove chisel"]


async def test_what_changes_is_found_by_its_new_words(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    made = await publish(editor.http, name="Rasp", sku="RASP")
    place = f"{PRODUCTS}/{made.json()['id']}"
    assert await found(client, "rasp") == ["RASP"]
    answer = await editor.http.patch(place, json={"name": "File"}, headers=tag(made))
    assert answer.status_code == 200
    assert await found(client, "file") == ["RASP"]
    assert await suggested(client, "ras") == []


async def test_brands_and_tags_are_words_to_find_by(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    editor = await people.register("editor")
    await publish(editor.http, sku="RASP", name="Rasp", tags=["hand-made"])
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(BRAND)
    assert await found(client, "auriou rasps") == ["RASP"]
    assert await found(client, "hand made rasp") == ["RASP"]
    await connection.execute("update catalog.brands set name = 'Liogier'")
    assert await found(client, "auriou") == []
    assert await found(client, "liogier") == ["RASP"]
    await connection.close()


async def test_what_lies_in_the_trash_is_not_found(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    await publish((await people.register("editor")).http, sku="RASP", name="Rasp for oak")
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("update catalog.products set deleted_at = now()")
    await connection.close()
    for q in ("rasp", "RASP", "rsap oak"):
        assert await found(client, q) == []
        assert await suggested(client, q) == []


async def test_beginnings_are_suggested_before_words_inside(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await shop(people)
    await publish(editor.http, name="Chisel roll")
    await publish(editor.http, name="Chisel roll")
    assert await suggested(client, "CHIS") == ["Chisel roll", "Claw chisel", "Point chisel"]
    assert await suggested(client, "chis", limit=1) == ["Chisel roll"]
    assert await suggested(client, "c") == ["Café crème", "Chisel roll", "Claw chisel"]
    assert await suggested(client, "chisel p") == []
    assert await suggested(client, "chisel poi") == ["Point chisel"]
    assert await suggested(client, "100% wool_") == ["100% wool_cap \\ grey"]
    assert await suggested(client, "creme") == ["Café crème"]
    items = (await client.get(SUGGESTIONS, params={"q": "chisel poi"})).json()["items"]
    assert [marked(one["fragments"]) for one in items] == ["[Poi]nt [chisel]"]


async def test_pages_visit_everything_once_while_more_is_put_in(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor = await people.register("editor")
    for number in range(9):
        await publish(editor.http, sku=f"A-{number}", name="Slate tile", description="x " * number)
    for q in ("slate", "slaet"):
        first = (await client.get(SEARCH, params={"q": q, "limit": 4})).json()
        seen = [one["product"]["sku"] for one in first["items"]]
        await publish(editor.http, name="Slate tile", description="slate slate slate slate")
        await publish(editor.http, name="Slaet" if q == "slaet" else "Slate")
        seen += await found(client, q, limit=4, cursor=first["next_cursor"])
        assert len(seen) == len({*seen})
        assert {f"A-{number}" for number in range(9)} <= {*seen}
        answer = await client.get(SEARCH, params={"q": "tile", "cursor": first["next_cursor"]})
        assert problem(answer) == (422, "invalid_cursor")


BRAND = """
    with made as (
        insert into catalog.brands (id, version, name, slug, description, created_at)
        values (gen_random_uuid(), 1, 'Auriou', 'auriou', '', now()) returning id
    ) update catalog.products set brand_id = made.id from made
"""
MANY = """
    insert into catalog.products
        (id, version, sku, name, description, amount, currency, status, created_at)
    select gen_random_uuid(), 1, 'S-' || n, 'Grout', '', 1, 'EUR',
           case when n < 20 then 'published' else 'draft' end, now()
    from generate_series(1, 3000) n
"""


async def test_what_is_found_is_counted_as_far_as_it_is_ranked(
    people: People, client: httpx2.AsyncClient, database: TestDatabase
) -> None:
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(MANY)
    await connection.close()
    for q in ("grout", "grouut"):
        asked = {"q": q, "limit": 1, "include_total": True}
        page = (await client.get(SEARCH, params=asked)).json()
        assert (page["total"], page["total_capped"]) == (19, False)
    everybody = await people.register("administrator")
    page = (await everybody.http.get(SEARCH, params={"q": "grout", "include_total": True})).json()
    assert (page["total"], page["total_capped"]) == (1000, True)
    empty = (await client.get(SEARCH, params={"q": "qqqq", "include_total": True})).json()
    assert (empty["items"], empty["total"]) == ([], 0)
