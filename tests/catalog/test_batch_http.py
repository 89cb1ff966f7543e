"""Many products changed by one request."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from tests.catalog.shop import PRODUCTS, category, define, draft, listed, product_body, publish
from tests.kit.cluster import TestDatabase
from tests.kit.people import People, Person

BATCH = f"{PRODUCTS}:batch"


def create(**members: Any) -> dict[str, Any]:
    publishing = members.pop("publish", False)
    return {"action": "create", "product": product_body(**members), "publish": publishing}


def change(of: httpx2.Response, **changes: Any) -> dict[str, Any]:
    seen = of.json()
    return {"action": "change", "id": seen["id"], "version": seen["version"], "changes": changes}


def step(action: str, of: httpx2.Response) -> dict[str, Any]:
    seen = of.json()
    return {"action": action, "id": seen["id"], "version": seen["version"]}


async def batch(person: Person, *items: Mapping[str, Any], **options: Any) -> Any:
    answer = await person.http.post(BATCH, json={"items": [*items], **options})
    assert answer.status_code == 200, answer.text
    return answer.json()


def errors(outcome: Mapping[str, Any]) -> dict[int, str]:
    return {one["index"]: one["error"]["code"] for one in outcome["results"] if "error" in one}


async def test_one_request_creates_changes_publishes_archives_and_deletes(people: People) -> None:
    editor = await people.register("editor")
    stone = await category(editor.http)
    await define(editor.http, stone, "color", label="Colour", kind="text")
    changing, publishing, deleting = [await draft(editor.http) for _ in range(3)]
    archiving = await publish(editor.http)
    within = {"category_id": stone.json()["id"], "attributes": {"color": "red"}}
    outcome = await batch(
        editor,
        create(sku="NEW-1", publish=True, tags=["sawn"], **within),
        change(changing, name="Point chisel", sku="NEW-2", **within),
        step("publish", publishing),
        step("archive", archiving),
        step("delete", deleting),
    )
    assert outcome["written"]
    assert [one["done"] for one in outcome["results"]] == [True] * 5
    shown = [one.get("product") for one in outcome["results"]]
    assert [one and one["status"] for one in shown] == [
        "published",
        "draft",
        "published",
        "archived",
        None,
    ]
    assert [one and one["version"] for one in shown] == [1, 2, 2, 3, None]
    assert (shown[0]["attributes"], shown[0]["tags"]) == ({"color": "red"}, ["sawn"])
    assert (shown[1]["name"], shown[1]["sku"]) == ("Point chisel", "NEW-2")
    for seen in shown[:4]:
        read = await editor.http.get(f"{PRODUCTS}/{seen['id']}")
        assert read.json() == seen
    assert (await editor.http.get(f"{PRODUCTS}/{deleting.json()['id']}")).status_code == 404


async def test_all_of_it_or_nothing(people: People, database: TestDatabase) -> None:
    editor = await people.register("editor")
    stale = await draft(editor.http)
    items = create(sku="A"), {**change(stale, name="Other"), "version": 7}
    outcome = await batch(editor, *items)
    assert (outcome["written"], errors(outcome)) == (False, {1: "stale"})
    assert [one["done"] for one in outcome["results"]] == [False, False]
    assert len(await listed(editor.http, PRODUCTS, owner="me")) == 1
    outcome = await batch(editor, *items, all_or_nothing=False)
    assert (outcome["written"], errors(outcome)) == (True, {1: "stale"})
    assert len(await listed(editor.http, PRODUCTS, owner="me")) == 2


async def test_each_item_is_refused_for_its_own_reason(people: People) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    mine, twice = await publish(editor.http), await draft(editor.http)
    foreign, hidden = await publish(other.http), await draft(other.http)
    outcome = await batch(
        editor,
        step("publish", mine),
        change(foreign, name="Mine"),
        change(hidden, name="Mine"),
        step("delete", mine),
        create(sku=mine.json()["sku"]),
        create(sku="TWICE"),
        create(sku="TWICE"),
        create(category_id=str(uuid4())),
        create(price={"amount": "1.001", "currency": "EUR"}),
        change(twice, name="Once"),
        change(twice, name="Twice"),
        change(mine, sku="OTHER"),
        all_or_nothing=False,
    )
    assert errors(outcome) == {
        0: "catalog.already_published",
        1: "permission_denied",
        2: "catalog.no_such_product",
        3: "catalog.repeated_in_batch",
        4: "catalog.sku_taken",
        6: "catalog.sku_taken",
        7: "catalog.category_unknown",
        8: "catalog.amount_refused",
        10: "catalog.repeated_in_batch",
        11: "catalog.repeated_in_batch",
    }
    read = await editor.http.get(f"{PRODUCTS}/{twice.json()['id']}")
    assert (read.json()["name"], read.json()["version"]) == ("Once", 2)


async def test_what_is_taken_refuses_its_own_item_and_no_other(people: People) -> None:
    editor = await people.register("editor")
    first, second = await draft(editor.http, slug="quoin"), await draft(editor.http)
    outcome = await batch(
        editor,
        create(slug="quoin"),
        change(second, slug="quoin"),
        create(slug="sett"),
        create(slug="sett"),
        create(brand_id=str(uuid4())),
        change(first, brand_id=str(uuid4())),
        create(sku="FREE", publish=True),
        all_or_nothing=False,
    )
    assert errors(outcome) == {
        0: "catalog.slug_taken",
        1: "catalog.slug_taken",
        3: "catalog.slug_taken",
        4: "catalog.brand_unknown",
        5: "catalog.brand_unknown",
    }
    assert [one["index"] for one in outcome["results"] if one["done"]] == [2, 6]
    made = outcome["results"][6]["id"]
    (entry,) = await listed(editor.http, f"{PRODUCTS}/{made}/history")
    assert entry["happened"] == ["catalog.ProductDrafted", "catalog.ProductPublished"]
    assert (entry["version"], entry["actor_id"]) == (1, str(editor.id))


WAITING = "select count(*) from pg_locks where not granted and $1 = any(pg_blocking_pids(pid))"
TAKE = """
    insert into catalog.products (id, version, sku, name, description, amount, currency, status,
        created_at)
    values (gen_random_uuid(), 1, 'RACED', 'Sett', '', 1, 'EUR', 'draft', now())
"""


async def test_what_somebody_takes_meanwhile_refuses_its_own_item(
    people: People, database: TestDatabase
) -> None:
    editor = await people.register("editor")
    other, watching = [await asyncpg.connect(database.owner_url) for _ in range(2)]
    holder = other.get_server_pid()
    async with other.transaction():
        await other.execute(TAKE)
        asked = asyncio.create_task(
            batch(editor, create(sku="RACED"), create(sku="FREE"), all_or_nothing=False)
        )
        async with asyncio.timeout(30):
            while not await watching.fetchval(WAITING, holder):  # noqa: ASYNC110 - the server's to say
                await asyncio.sleep(0.01)
    outcome = await asked
    assert errors(outcome) == {0: "catalog.sku_taken"}
    assert [one["done"] for one in outcome["results"]] == [False, True]
    await other.close()
    await watching.close()


async def test_what_is_refused_half_way_leaves_nothing(people: People) -> None:
    editor = await people.register("editor")
    published = await publish(editor.http)
    outcome = await batch(
        editor, change(published, name="Other", sku="OTHER"), create(), all_or_nothing=False
    )
    assert errors(outcome) == {0: "catalog.sku_fixed"}
    read = await editor.http.get(f"{PRODUCTS}/{published.json()['id']}")
    assert read.json() == published.json()


async def test_what_happened_is_told_and_kept_in_the_audit_log_item_by_item(
    people: People, database: TestDatabase
) -> None:
    editor = await people.register("editor")
    outcome = await batch(editor, create(), create(publish=True))
    connection = await asyncpg.connect(database.owner_url)
    told = await connection.fetch(
        "select action, count(*) from audit.events where subject_id = any($1) "
        "group by 1 order by 1",
        [one["id"] for one in outcome["results"]],
    )
    heard = await connection.fetchval("select count(*) from platform.outbox")
    await connection.close()
    assert [tuple(one) for one in told] == [
        ("catalog.ProductDrafted", 2),
        ("catalog.ProductPublished", 1),
    ]
    assert heard >= 3


async def test_one_key_does_a_batch_once(people: People) -> None:
    editor = await people.register("editor")
    body = {"items": [create(sku="ONCE")]}
    answers = [
        await editor.http.post(BATCH, json=body, headers={"idempotency-key": "batch-1"})
        for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    "body",
    [
        {"items": []},
        {"items": [{"action": "create"}]},
        {"items": [{"action": "explode", "id": str(uuid4()), "version": 1}]},
        {"items": [{"action": "publish", "id": str(uuid4())}]},
        {"items": [{"action": "publish", "id": str(uuid4()), "version": 1}] * 501},
        {},
    ],
)
async def test_what_is_no_batch_is_refused(people: People, body: dict[str, Any]) -> None:
    editor = await people.register("editor")
    assert (await editor.http.post(BATCH, json=body)).status_code == 422


async def test_five_hundred_products_are_one_batch(people: People) -> None:
    editor = await people.register("editor")
    outcome = await batch(editor, *(create(sku=f"N-{n}", name="Sett") for n in range(500)))
    assert len({one["id"] for one in outcome["results"] if one["done"]}) == 500
