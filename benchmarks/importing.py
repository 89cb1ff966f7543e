"""`python -m benchmarks.importing --products N`: how fast does `app catalog import` take them in?

Five thousand categories, four deep, whose roots define three attributes, are there already. A file
of products, each in one of them, with its attributes and one of 300 brands, is imported by the
command line, on the embedded server with its usual settings, on disk. First with a tenth of the
products: memory must not grow with the file. Then all; and all again, of which nothing is new; and
the tenth as CSV. At least 10,000 products a second are asked for, by the wall clock, from the
start of the process to its end. The processor time of the command and of the server, and how many
processes wanted a processor meanwhile (`load`), tell what the machine would have done alone.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from benchmarks.processes import ROOT
from benchmarks.report import RESULTS, machine
from bootstrap import migrate
from bootstrap.postgres import EmbeddedPostgres, Roles

CATEGORIES, ROOTS, BRANDS, TARGET = 5_000, 12, 300, 10_000
SEED = 1
WORDS = [f"{a}{b}{c}" for a in ("gran", "lime", "slat", "marb") for b in "aeiou" for c in "dlmnrst"]
COLORS = ("red", "green", "blue", "grey")
COLUMNS = (
    *("sku", "name", "description", "price", "currency", "category", "brand"),
    *("attributes.color", "attributes.weight", "attributes.outdoor"),
)
DEFINE = """
    insert into catalog.attributes
        (id, version, category_id, code, label, kind, options, required, filterable, position)
    select gen_random_uuid(), 1, c.id, a.code, a.code, a.kind, a.options, false, true, 0
    from catalog.categories c
    cross join (values ('color', 'enum', $1::text[]), ('weight', 'number', '{}'),
                       ('outdoor', 'flag', '{}')) as a (code, kind, options)
    where c.parent_id is null
"""


def categories() -> Iterator[dict[str, object]]:
    """Yield categories four deep."""
    for n in range(CATEGORIES):
        parent = f"c{n // ROOTS}" if n >= ROOTS else None
        yield {"external_id": f"c{n}", "name": f"Shelf {n}", "parent": parent}


def products(count: int) -> Iterator[dict[str, Any]]:
    """Yield products; the same every time."""
    chance = random.Random(SEED)  # noqa: S311 - the same file every time
    for n in range(count):
        yield {
            "sku": f"BENCH-{n}",
            "name": " ".join(chance.choices(WORDS, k=3)) + f" {n}",
            "description": " ".join(chance.choices(WORDS, k=20)),
            "price": {"amount": f"{chance.randrange(100_000)}.{n % 100:02}", "currency": "EUR"},
            "category": f"c{chance.randrange(CATEGORIES)}",
            "brand": f"Brand {chance.randrange(BRANDS)}",
            "attributes": {
                "color": chance.choice(COLORS),
                "weight": chance.randrange(1_000) / 10,
                "outdoor": n % 2 == 0,
            },
        }


def written(path: Path, rows: Iterator[dict[str, object]]) -> Path:
    """Return a file of rows as NDJSON."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def as_table(path: Path, rows: Iterator[dict[str, Any]]) -> Path:
    """Return a file of products as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            price, said = row["price"], row["attributes"]
            values = [json.dumps(said[one]).strip('"') for one in ("color", "weight", "outdoor")]
            plain = [row[name] for name in ("sku", "name", "description")]
            where = [row["category"], row["brand"]]
            writer.writerow([*plain, price["amount"], price["currency"], *where, *values])
    return path


@dataclass(frozen=True, slots=True)
class Shop:
    """A database, and its server, to import into."""

    roles: Roles
    server: psutil.Process
    key: str

    def imported(self, file: Path, count: int) -> dict[str, object]:
        """Run the command in a process of its own; return its speed and what it took."""
        before, load, began = self._server_seconds(), os.getloadavg()[0], time.perf_counter()
        usage = _run(file, {"DATABASE_URL": self.roles.app_url, "SECRET_KEYS": self.key})
        took = time.perf_counter() - began
        return {
            "products": count,
            "seconds": round(took, 1),
            "products/s": round(count / took),
            "own processor seconds": round(usage.ru_utime + usage.ru_stime, 1),
            "server's processor seconds": round(self._server_seconds() - before, 1),
            "peak MiB": round(usage.ru_maxrss / 1024, 1),
            "load": [round(load, 1), round(os.getloadavg()[0], 1)],
        }

    def _server_seconds(self) -> float:
        """Return what the server has used, with all its processes, those that ended included."""
        own = self.server.cpu_times()
        living = (one.cpu_times() for one in self.server.children())
        ended = own.children_user + own.children_system
        return own.user + own.system + ended + sum(one.user + one.system for one in living)

    async def ask(self, sql: str, *values: object) -> None:
        """Have the owner of the database do something."""
        connection = await asyncpg.connect(self.roles.owner_url)
        try:
            await connection.execute(sql, *values, timeout=600)
        finally:
            await connection.close()


def _run(file: Path, surroundings: Mapping[str, str]) -> resource.struct_rusage:
    command = [sys.executable, "-m", "bootstrap.cli", "catalog", "import", str(file), "--quiet"]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **surroundings})  # noqa: S603 - our own
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the import ended with status {status}")
    return usage


def measure(shop: Shop, home: Path, count: int) -> dict[str, object]:
    """Import the small file, the large one, the large one again, and the small one as CSV."""
    shop.imported(written(home / "categories.ndjson", categories()), 0)
    asyncio.run(shop.ask(DEFINE, list(COLORS)))
    few = count // 10
    small, large = home / "small.ndjson", home / "large.ndjson"
    found = {"a tenth": shop.imported(written(small, products(few)), few)}
    asyncio.run(shop.ask("truncate catalog.products cascade"))
    found["all"] = shop.imported(written(large, products(count)), count)
    found["all again"] = shop.imported(large, count)
    asyncio.run(shop.ask("truncate catalog.products cascade"))
    found["a tenth as CSV"] = shop.imported(as_table(home / "small.csv", products(few)), few)
    return {**found, "target": TARGET}


def run(home: Path, count: int) -> None:
    """Measure, print, write `results/importing.json`."""
    server = EmbeddedPostgres(home / "postgres")
    roles = server.start()
    try:
        migrate.upgrade(roles.owner_url, app_role="app")
        shop = Shop(roles, psutil.Process(server.status().pid), secrets.token_urlsafe(32))
        figures = {"machine": machine(), **measure(shop, home, count)}
    finally:
        server.stop()
    text = json.dumps(figures, indent=2)
    (RESULTS / "importing.json").write_text(text + "\n", "utf-8")
    print(text)  # noqa: T201 - what the command is for


def main() -> None:
    """Run with a database of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="app-importing-"))
    home.chmod(0o755)  # the account PostgreSQL runs as has to pass
    try:
        run(home, options.products)
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
