"""`python -m benchmarks.importing`: how fast does `app catalog import` take in a catalogue?

A file of 5,000 categories and as many products as are asked for is imported by the command line
into an empty catalog, on the embedded server with its usual settings, on disk. The same once more,
with a tenth of the products: memory must not grow with the file. And the large file a second time,
of which nothing is new. At least 10,000 products a second are asked for, by the wall clock, from
the start of the process to its end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg

from benchmarks.processes import ROOT
from benchmarks.report import RESULTS, machine
from bootstrap import migrate
from bootstrap.postgres import EmbeddedPostgres, Roles

CATEGORIES, TARGET = 5_000, 10_000
SEED = 1
WORDS = [f"{a}{b}{c}" for a in ("gran", "lime", "slat", "marb") for b in "aeiou" for c in "dlmnrst"]


def rows(products: int) -> Iterator[dict[str, object]]:
    """Yield categories four deep, then products that stand in them."""
    chance = random.Random(SEED)  # noqa: S311 - the same file every time
    for n in range(CATEGORIES):
        parent = f"c{n // 12}" if n >= 12 else None
        yield {"external_id": f"c{n}", "name": f"Shelf {n}", "parent": parent}
    for n in range(products):
        yield {
            "sku": f"BENCH-{n}",
            "name": " ".join(chance.choices(WORDS, k=3)) + f" {n}",
            "description": " ".join(chance.choices(WORDS, k=20)),
            "price": {"amount": f"{chance.randrange(100_000)}.{n % 100:02}", "currency": "EUR"},
            "category": f"c{chance.randrange(CATEGORIES)}",
        }


def written(home: Path, products: int) -> Path:
    """Return a file of so many products."""
    path = home / f"{products}.ndjson"
    with path.open("w", encoding="utf-8") as file:
        for row in rows(products):
            file.write(json.dumps(row) + "\n")
    return path


def imported(roles: Roles, key: str, file: Path, products: int) -> dict[str, object]:
    """Run the command in a process of its own; return its speed and the most memory it took."""
    command = [sys.executable, "-m", "bootstrap.cli", "catalog", "import", str(file), "--quiet"]
    surroundings = {"DATABASE_URL": roles.app_url, "SECRET_KEYS": key}
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **surroundings})  # noqa: S603 - our own
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    if status:
        raise SystemExit(f"the import ended with status {status}")
    return {
        "products": products,
        "seconds": round(took, 1),
        "products/s": round(products / took),
        "own processor seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak MiB": round(usage.ru_maxrss / 1024, 1),
    }


async def emptied(roles: Roles) -> None:
    """Take everything out again."""
    connection = await asyncpg.connect(roles.owner_url)
    try:
        await connection.execute("truncate catalog.categories cascade", timeout=600)
    finally:
        await connection.close()


def measure(roles: Roles, home: Path, products: int) -> dict[str, object]:
    """Import the small file, the large one, and the large one again."""
    key = secrets.token_urlsafe(32)
    small, large = written(home, products // 10), written(home, products)
    found = {"a tenth": imported(roles, key, small, products // 10)}
    asyncio.run(emptied(roles))
    found["all"] = imported(roles, key, large, products)
    found["all again"] = imported(roles, key, large, products)
    return {**found, "target": TARGET}


def run(home: Path, products: int) -> None:
    """Measure, print, write `results/importing.json`."""
    server = EmbeddedPostgres(home / "postgres")
    roles = server.start()
    try:
        migrate.upgrade(roles.owner_url, app_role="app")
        figures = {"machine": machine(), **measure(roles, home, products)}
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
