"""`app catalog import`, on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner, Result

from bootstrap.runtime import System
from bootstrap.settings import PlatformSettings
from modules.catalog.adapters.cli import catalog
from modules.catalog.adapters.files import FilesOnDisk
from modules.catalog.application.importing.flows import TakeRows, Terms
from shared_kernel.module import Services
from tests.catalog.shop import CATEGORIES, PRODUCTS, listed
from tests.kit.cluster import TestDatabase
from tests.kit.people import People
from tests.kit.running import SECRET
from tests.kit.starting import Process, forked

T = TypeVar("T")
DATA = Path(__file__).parent / "data"
ROOT = Path(__file__).parents[2]
REAL_DATA = Path(os.environ.get("CATALOG_REAL_DATA", ROOT.parent / "shared" / "data"))
COUNTS = """
    select (select count(*) from catalog.categories), (select count(*) from catalog.products),
           (select count(*) from audit.events where action like 'catalog.%'),
           (select coalesce(max(version), 0) from catalog.products),
           (select coalesce(max(version), 0) from catalog.categories)
"""


@dataclass
class Runtime:
    """The application without HTTP, on the database of the tests."""

    settings: PlatformSettings

    def run(self, work: Callable[[Services], Awaitable[T]]) -> T:
        return asyncio.run(System.of(self.settings).run(work))


@dataclass
class Shell:
    """Somebody at a terminal."""

    settings: PlatformSettings

    async def __call__(self, *arguments: str | Path) -> Result:
        """Run `app catalog import` beside the loop of the tests, which is busy waiting."""
        command = ["import", *map(str, arguments)]
        runtime = Runtime(self.settings)
        return await asyncio.to_thread(lambda: CliRunner().invoke(catalog, command, obj=runtime))


@pytest.fixture
def importing(settings: PlatformSettings, clean: None) -> Shell:
    return Shell(settings)


async def counts(database: TestDatabase) -> tuple[int, ...]:
    """Return how much there is: categories, products, audit entries, highest versions."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        return tuple(await connection.fetchrow(COUNTS) or ())
    finally:
        await connection.close()


async def test_what_was_imported_is_served(importing: Shell, client: httpx2.AsyncClient) -> None:
    for name in ("categories.json", "products.json", "mixed.ndjson", "products.csv"):
        result = await importing(DATA / name)
        assert result.exit_code == 0, result.output
    assert "products: 2 new, 0 changed, 0 unchanged" in result.output
    assert len(await listed(client, PRODUCTS, limit=3)) == 8
    assert len(await listed(client, CATEGORIES, limit=3)) == 13
    (yard,) = await listed(client, CATEGORIES, external_id="yard0001")
    below = await listed(client, PRODUCTS, category_id=yard["id"])
    assert [one["sku"] for one in below] == ["YAR-TRO-SAN-005"]
    assert below[0]["price"] == {"amount": "1385.01", "currency": "USD"}


@pytest.mark.parametrize("name", ["categories.json", "products.json", "products.csv"])
async def test_the_second_time_changes_nothing(
    importing: Shell, database: TestDatabase, name: str
) -> None:
    await importing(DATA / name)
    before = await counts(database)
    assert (await importing(DATA / name)).exit_code == 0
    assert await counts(database) == before
    assert before[3:] in {(0, 1), (1, 1)}


async def test_one_bad_row_keeps_everything_out_and_is_told_with_its_line(
    importing: Shell, database: TestDatabase, tmp_path: Path
) -> None:
    before = await counts(database)
    file = tmp_path / "bad.ndjson"
    file.write_text('{"sku": "A", "name": "A", "price": "1"}\n\n{"sku": "B", "name": "B"}\n{"x"\n')
    result = await importing(file)
    assert result.exit_code == 1
    assert "error: row 2, line 3: price is missing" in result.output
    assert "error: row 3, line 4: is not valid JSON" in result.output
    assert "Nothing was kept." in result.output
    assert await counts(database) == before
    result = await importing(file, "--skip-invalid")
    assert (result.exit_code, (await counts(database))[1]) == (0, 1)


async def test_a_dry_run_keeps_nothing(importing: Shell, database: TestDatabase) -> None:
    before = await counts(database)
    result = await importing(DATA / "products.json", "--dry-run", "--json")
    document = json.loads(result.output)
    assert (result.exit_code, document["written"]) == (0, False)
    assert document["products"] == {"created": 5, "changed": 0, "unchanged": 0}
    assert await counts(database) == before


async def test_new_products_can_belong_to_somebody_and_be_drafts(
    importing: Shell, people: People
) -> None:
    editor = await people.register("editor")
    result = await importing(DATA / "products.json", "--draft", "--owner", editor.email)
    assert result.exit_code == 0, result.output
    own = await listed(editor.http, PRODUCTS, owner="me")
    assert [one["status"] for one in own] == ["draft"] * 5


@pytest.mark.parametrize(
    "arguments",
    [
        ["none.json"],
        [DATA / "products.json", "--owner", "nobody@example.com"],
        [DATA / "products.json", "--format", "xml"],
        [DATA, "--format", "json"],
    ],
)
async def test_what_cannot_be_done_is_refused_as_usage(
    importing: Shell, arguments: list[str | Path]
) -> None:
    assert (await importing(*arguments)).exit_code == 2


async def start(database: TestDatabase, file: Path) -> Process:
    """Run the command in a process of its own."""
    environment = {"DATABASE_URL": database.app_url, "SECRET_KEYS": SECRET}
    command = ("bootstrap.cli", "catalog", "import", str(file))
    return await asyncio.to_thread(forked, *command, environment=environment)


async def ended(process: Process) -> str:
    """Wait for its end, and return what it printed."""
    return "".join(await asyncio.to_thread(process.communicate, timeout=60))


async def test_two_imports_at_once_both_succeed(database: TestDatabase, clean: None) -> None:
    started = [await start(database, DATA / "products.json") for _ in range(2)]
    outputs = [await ended(one) for one in started]
    assert [one.returncode for one in started] == [0, 0], outputs
    assert sorted("products: 5 new" in one for one in outputs) == [False, True]
    assert (await counts(database))[:2] == (3, 5)


async def test_imports_that_meet_in_the_database_wait_for_each_other(
    app: FastAPI, database: TestDatabase, clean: None
) -> None:
    services: Services = app.state.services
    take = services.get(TakeRows)
    rows = list(FilesOnDisk().rows(str(DATA / "products.json"), None))
    reports = await asyncio.gather(*(take(rows, Terms()) for _ in range(4)))
    assert sorted(one.products.created for one in reports) == [0, 0, 0, 5]
    assert (await counts(database))[:2] == (3, 5)


async def test_an_import_that_is_killed_leaves_nothing(
    database: TestDatabase, clean: None, tmp_path: Path
) -> None:
    before = await counts(database)
    rows = ({"sku": f"S-{n}", "name": "Sett", "price": 4.99} for n in range(20_000))
    file = tmp_path / "many.ndjson"
    file.write_text("\n".join(map(json.dumps, rows)))
    started = await start(database, file)
    try:
        await writing(database)
    finally:
        started.kill()
        output = await ended(started)
    assert started.returncode == -signal.SIGKILL, output
    assert await counts(database) == before


async def writing(database: TestDatabase) -> None:
    """Wait until somebody inserts products."""
    look = """
        select count(*) from pg_locks
        where relation = 'catalog.products'::regclass and mode = 'RowExclusiveLock'
    """
    connection = await asyncpg.connect(database.owner_url)
    try:
        until = time.monotonic() + 30
        while not await connection.fetchval(look):
            assert time.monotonic() < until
            await asyncio.sleep(0.02)
    finally:
        await connection.close()


@pytest.mark.skipif(not REAL_DATA.is_dir(), reason="CATALOG_REAL_DATA names no folder of real data")
async def test_real_catalogues_come_in_within_ten_seconds(
    database: TestDatabase, client: httpx2.AsyncClient
) -> None:
    took = time.monotonic()
    for name in ("bestbuy-categories.json", "dummyjson-products.json"):
        started = await start(database, REAL_DATA / name)
        output = await ended(started)
        assert started.returncode == 0, output
        assert time.monotonic() - took < 10
        took = time.monotonic()
    assert (await counts(database))[:2] == (4723 + 24, 194)
    assert len(await listed(client, PRODUCTS, limit=200)) == 194
    (beauty,) = await listed(client, CATEGORIES, external_id="beauty")
    cheap = await listed(client, PRODUCTS, category_id=beauty["id"], **{"price.lte": "10"})
    assert all(float(one["price"]["amount"]) <= 10 for one in cheap)
    tree = await client.get(f"{CATEGORIES}/tree")
    assert len(tree.json()["items"]) == 43 + 24
