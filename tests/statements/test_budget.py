"""What each route costs the database is written down: it does not grow by accident.

`budget.json` is written anew by `RECORD_STATEMENTS=yes pytest tests/statements -n 0`.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, Generator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI

from tests.idempotency.calls import CALLS
from tests.idempotency.world import World
from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.people import People
from tests.kit.running import running, settings_for
from tests.kit.statements import Listened
from tests.statements.census import (
    Census,
    ask_about_rights,
    call_of_objects,
    change_things,
    counting,
    define_attributes,
    delete_all,
    read_all,
    served,
)

pytestmark = pytest.mark.xdist_group("statements")  # one application for both that count

FILE = Path(__file__).with_name("budget.json")
MOST = 5
VARIANT = "/v1/catalog/products/{product_id}/variants/{variant_id}"
CATEGORY = "/v1/catalog/categories/{category_id}"
MORE: Mapping[str, str] = {
    f"PATCH {CATEGORY}": "locks the tree, and reads its shape",
    f"POST {CATEGORY}/move": "the same, and reads the order of siblings",
    f"DELETE {CATEGORY}": "the same, and takes what is in the trash out of it",
    f"PUT {CATEGORY}/attributes/{{code}}": "locks the tree, and looks at what is above and below",
    f"DELETE {CATEGORY}/attributes/{{code}}": "the same, and looks for products that use it",
    f"DELETE {VARIANT}": "locks the product, the stock and the variant, each by itself",
    f"POST {VARIANT}/stock/adjustments": "makes the stock at the first movement",
    f"POST {VARIANT}/reservations/{{reservation_id}}/commit": "stock, reservation and ledger",
    f"POST {VARIANT}/reservations/{{reservation_id}}/release": "the same",
}
"""Those that need more than five, and why. Nothing else may."""
MOST_FOR_A_KEY = 3
NOT_COUNTED = None
RECORDING = bool(os.environ.get("RECORD_STATEMENTS"))


@pytest.fixture(scope="module")
def store(worker_id: str) -> Generator[TestDatabase]:
    """A database of its own."""
    made = new_database(f"statements_{worker_id}")
    yield made
    drop_database(made)


@pytest_asyncio.fixture(scope="module")
async def counted(store: TestDatabase) -> AsyncGenerator[FastAPI]:
    """An application over it."""
    async with running(settings_for(store, relay=False)) as started:
        yield started


async def census_of(app: FastAPI, store: TestDatabase) -> Census:
    """Count what all routes run that can be called here."""
    census = Census(app)
    async with counting(app, census.take):
        made = await change_things(app, store)
        await call_of_objects(app)
        await define_attributes(app)
        await ask_about_rights(app, made)
        await read_all(app, store, made)
        await delete_all(app, made)
    return census


def budget() -> Mapping[str, int | None]:
    """Return what is written down."""
    written: dict[str, int | None] = json.loads(FILE.read_text("utf-8"))
    return written


async def test_no_route_runs_more_statements_than_are_written_down(
    counted: FastAPI, store: TestDatabase
) -> None:
    census = await census_of(counted, store)
    counts = census.counts
    if RECORDING:
        lines = {name: counts.get(name, NOT_COUNTED) for name in served(counted)}
        FILE.write_text(json.dumps(lines, indent=1) + "\n", "utf-8")
    written = budget()
    assert set(written) == set(served(counted)), "record them anew"
    for name, run in census.most.items():
        allowed = written[name]
        assert allowed is not None, f"{name} can be counted now: record it anew"
        assert len(run) <= allowed, "\n".join([name, *run])
    lost = [name for name, allowed in written.items() if allowed is not None and name not in counts]
    assert not lost, "they were counted before, and do not succeed any more"


def test_reads_and_the_catalog_keep_to_five() -> None:
    over = {
        name
        for name, count in budget().items()
        if (name.startswith("GET ") or " /v1/catalog/" in name) and (count or 0) > MOST
    }
    assert over <= set(MORE), over - set(MORE)


async def test_a_key_costs_three_statements(counted: FastAPI, store: TestDatabase) -> None:
    people = People(counted)
    world = World(counted, store, await people.register("administrator"))
    listened, more = Listened(), dict[str, int]()
    for name, making in CALLS.items():
        numbers = list[int]()
        for key in (None, None, f"a-{name}"):
            call = await making(world)
            async with counting(counted, listened.take):
                answer = await call.send(world.admin.http, key)
            assert answer.status_code < 300, (name, answer.text)
            numbers.append(len(listened.last))
        more[name] = numbers[2] - numbers[1]  # the first one may do what is done once
    await people.close()
    assert set(more.values()) == {MOST_FOR_A_KEY}, more
