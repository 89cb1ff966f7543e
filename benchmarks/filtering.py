"""`python -m benchmarks.filtering`: what does it cost to list only what somebody may read?

The same page of fifty, of a million products, as it is stored and as each kind of viewer is shown
it, read in turn in another order each round. A ratio is the time of the filtered list, decision and
query, divided by that of the unfiltered one; of each the shortest of all rounds, because whatever
else runs only adds to it. At most 1.5 is asked for. In one shop nine in ten products are published,
in the other one in a hundred.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from uuid import UUID

import asyncpg

from benchmarks.data import Stock, stocked
from benchmarks.report import RESULTS, machine
from benchmarks.viewers import ACCOUNT, Viewer, viewers
from modules.catalog.adapters.sql import SqlProductQueries
from modules.catalog.application.guarding import guard_of_products
from modules.catalog.application.queries import ProductFilter, ProductSort
from modules.catalog.application.showing import ShowProducts
from shared_kernel.adapters.sql import Database
from shared_kernel.application import Slice
from shared_kernel.application.conditions import TRUE

CATEGORIES, OWNED, SHARED, TARGET = 1_000, 100, 50, 1.5
SHOPS = {"nine in ten published": 90, "one in a hundred published": 1}
SORTS = (ProductSort.NEWEST, ProductSort.NAME, ProductSort.CHEAPEST)
PAGE, EVERYTHING = Slice(limit=50), ProductFilter()
REPEATED = 20

Read = Callable[[], Awaitable[object]]

SHELVE = """
insert into catalog.categories (id, version, name, position, created_at)
select lpad(to_hex(n), 32, '0')::uuid, 1, 'Shelf ' || n, n, now()
from generate_series(1, $1::int) n
"""
FILL = """
insert into catalog.products (id, version, sku, name, description, amount, currency, category_id,
    owner_id, status, created_at)
select uuidv7(), 1, 'S-' || n, md5(n::text), repeat('stone ', 80), n % 90000 / 100.0,
    'EUR', lpad(to_hex(1 + n % $2::int), 32, '0')::uuid,
    case when n % ($1 / $3::int) = 5 then $4::uuid else gen_random_uuid() end,
    case when n % 100 < $5::int then 'published' else 'draft' end,
    timestamptz '2026-01-01' + n::bigint * 7919 % $1 * interval '1 second'
from generate_series(1, $1::int) n
"""
INDEXES = """
select indexname, indexdef from pg_indexes
where schemaname = 'catalog' and tablename = 'products' and indexname like 'ix_%'
"""


async def fill(connection: asyncpg.Connection, products: int, published: int) -> None:
    """Put these products in place of those there are; so many in a hundred are published."""
    await connection.execute("truncate catalog.products")
    indexes = await connection.fetch(INDEXES)
    for index in indexes:  # a third of the time, when they are made afterwards
        await connection.execute(f"drop index catalog.{index['indexname']}")
    await connection.execute(FILL, products, CATEGORIES, OWNED, ACCOUNT, published, timeout=600)
    for index in indexes:
        await connection.execute(index["indexdef"], timeout=600)
    await connection.execute("vacuum analyze catalog.products", timeout=600)


async def measure(
    stock: Stock, products: int, published: int, rounds: int
) -> dict[str, dict[str, object]]:
    """Return the milliseconds of the unfiltered page, and the ratio of each kind, by order."""
    connection = await asyncpg.connect(stock.roles.owner_url)
    database = Database(stock.roles.app_url)
    try:
        await fill(connection, products, published)
        some = await connection.fetch(
            "select id from catalog.products order by random() limit $1", SHARED
        )
        kinds = viewers([UUID(int=n) for n in (1, 2, 3)], [one["id"] for one in some])
        return {sort.value: await ratios(database, kinds, sort, rounds) for sort in SORTS}
    finally:
        await connection.close()
        await database.close()


async def ratios(
    database: Database, kinds: Mapping[str, Viewer], sort: ProductSort, rounds: int
) -> dict[str, object]:
    """Compare one order of the list."""
    queries = SqlProductQueries(database)
    reads: dict[str, Read] = {
        "unfiltered": lambda: queries.products(EVERYTHING, sort, PAGE, within=TRUE)
    }
    for name, viewer in kinds.items():
        reads[name] = _shown(queries, viewer, sort)
    for read in reads.values():
        await _timed(read)
    times: dict[str, list[float]] = {name: [] for name in reads}
    for _ in range(rounds):
        for name in random.sample(list(reads), len(reads)):
            times[name].append(await _timed(reads[name]))
    base = min(times.pop("unfiltered"))
    found = {name: round(min(own) / base, 2) for name, own in times.items()}
    return {"unfiltered, ms": round(base * 1e3, 3), **found}


def _shown(queries: SqlProductQueries, viewer: Viewer, sort: ProductSort) -> Read:
    shown = ShowProducts(queries, guard_of_products(viewer.in_force))
    return lambda: shown.listed(viewer.caller, EVERYTHING, sort, PAGE)


async def _timed(read: Read) -> float:
    """Return the seconds that reading once takes, the shortest of some."""
    shortest = float("inf")
    for _ in range(REPEATED):
        began = time.perf_counter()
        await read()
        shortest = min(shortest, time.perf_counter() - began)
    return shortest


async def run(home: Path, products: int, rounds: int) -> None:
    """Measure, print, write `results/filtering.json`."""
    async with stocked(home, 1) as stock:
        connection = await asyncpg.connect(stock.roles.owner_url)
        await connection.execute(SHELVE, CATEGORIES)
        await connection.close()
        found = {
            name: await measure(stock, products, published, rounds)
            for name, published in SHOPS.items()
        }
    figures = {"machine": machine(), "products": products, "target": TARGET, "ratios": found}
    text = json.dumps(figures, indent=2)
    (RESULTS / "filtering.json").write_text(text + "\n", "utf-8")
    print(text)  # noqa: T201 - what the command is for


def main() -> None:
    """Run with a database of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.filtering", description=__doc__)
    parser.add_argument("--products", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="app-filtering-"))
    home.chmod(0o755)  # the account PostgreSQL runs as has to pass
    try:
        asyncio.run(run(home, options.products, options.rounds))
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
