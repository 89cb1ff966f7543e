"""Who changed what of a product, and when: written with each change, whoever makes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI

from modules.catalog.application.closed_accounts import WithdrawProductsOfClosedAccount
from modules.catalog.application.importing.flows import ImportCatalog, ImportFile
from modules.identity.public import AccountClosed
from shared_kernel.module import Services
from tests.catalog.shop import PRODUCTS, draft, listed, problem, publish, tag
from tests.kit.catalog import NOON
from tests.kit.people import People

GONE = (404, "catalog.no_such_product")


async def history(http: httpx2.AsyncClient, id: str, **query: Any) -> list[dict[str, Any]]:
    return await listed(http, f"{PRODUCTS}/{id}/history", **query)


def told(entries: list[dict[str, Any]]) -> list[tuple[int, list[str]]]:
    return [
        (one["version"], [kind.removeprefix("catalog.Product") for kind in one["happened"]])
        for one in entries
    ]


async def test_each_change_is_told_with_what_was_before_and_who_made_it(people: People) -> None:
    editor, boss = await people.register("editor"), await people.register("administrator")
    made = await draft(editor.http, tags=["sawn"], slug="ashlar")
    place, id = made.headers["location"], made.json()["id"]
    patch: dict[str, Any] = {
        "name": "Quoin",
        "price": {"amount": "40", "currency": "EUR"},
        "tags": [],
    }
    changed = await boss.http.patch(place, json=patch, headers=tag(made))
    await editor.http.patch(place, json={"name": "Quoin"}, headers=tag(changed))
    await editor.http.post(f"{place}/publish")
    entries = await history(editor.http, id)
    assert told(entries) == [
        (3, ["Published"]),
        (2, ["Changed", "catalog.PriceChanged"]),
        (1, ["Drafted"]),
    ]
    assert [one["actor_id"] for one in entries] == [str(editor.id), str(boss.id), str(editor.id)]
    assert entries[0]["changes"] == {"status": {"before": "draft", "after": "published"}}
    assert entries[1]["changes"] == {
        "name": {"before": "Limestone ashlar", "after": "Quoin"},
        "price": {
            "before": {"amount": "38.50", "currency": "EUR"},
            "after": {"amount": "40.00", "currency": "EUR"},
        },
        "tags": {"before": ["sawn"], "after": []},
    }
    assert entries[2]["changes"] == {}


async def test_the_history_goes_on_through_the_trash_page_by_page(people: People) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    place, id = made.headers["location"], made.json()["id"]
    await editor.http.delete(place, headers=tag(made))
    assert problem(await editor.http.get(f"{place}/history")) == GONE
    await editor.http.post(f"{place}/restore")
    entries = await history(editor.http, id, limit=1)
    assert told(entries) == [(3, ["Restored"]), (2, ["Deleted"]), (1, ["Drafted"])]
    assert entries[1]["changes"] == {"deleted": {"before": False, "after": True}}


async def test_what_fails_leaves_no_trace(people: People) -> None:
    editor = await people.register("editor")
    made = await draft(editor.http)
    await draft(editor.http, sku="LIM-1")
    place = made.headers["location"]
    taken = await editor.http.patch(place, json={"sku": "LIM-1"}, headers=tag(made))
    assert taken.status_code == 409
    assert told(await history(editor.http, made.json()["id"])) == [(1, ["Drafted"])]


async def test_a_history_is_read_by_who_may_change_the_product(
    people: People, client: httpx2.AsyncClient
) -> None:
    editor, other = await people.register("editor"), await people.register("editor")
    shown = f"{PRODUCTS}/{(await publish(editor.http)).json()['id']}/history"
    assert problem(await client.get(shown))[0] == 401
    assert problem(await other.http.get(shown)) == (403, "permission_denied")
    hidden = f"{(await draft(editor.http)).headers['location']}/history"
    assert problem(await other.http.get(hidden)) == GONE


async def test_who_leaves_withdraws_what_they_sold_and_nobody_is_named(
    people: People, app: FastAPI
) -> None:
    editor, boss = await people.register("editor"), await people.register("administrator")
    made = await publish(editor.http)
    services: Services = app.state.services
    withdraw = services.get(WithdrawProductsOfClosedAccount)
    await withdraw(AccountClosed(subject_id=editor.id, occurred_at=NOON))
    entries = await history(boss.http, made.json()["id"])
    assert told(entries)[0] == (3, ["Withdrawn"])
    assert entries[0]["actor_id"] is None


async def test_what_an_import_changes_is_told_too(
    people: People, app: FastAPI, tmp_path: Path
) -> None:
    boss = await people.register("administrator")
    services: Services = app.state.services
    file = tmp_path / "shop.ndjson"
    for name in ("Quoin", "Sill", "Sill"):
        row = {"sku": "LIM-1", "name": name, "price": "1", "currency": "EUR"}
        file.write_text(json.dumps(row))
        await services.get(ImportCatalog)(ImportFile(path=str(file)))
    (product,) = await listed(boss.http, PRODUCTS)
    entries = await history(boss.http, product["id"])
    assert told(entries) == [(2, ["Changed"]), (1, ["Drafted", "Published"])]
    assert entries[0]["changes"] == {"name": {"before": "Quoin", "after": "Sill"}}
