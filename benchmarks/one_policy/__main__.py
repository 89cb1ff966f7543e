"""`python -m benchmarks.one_policy`: 500 random worlds, some five minutes.

Ends with status 1 where a list, a count or the allowed actions differ from single decisions.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.data import stocked
from benchmarks.one_policy.comparison import Counts, compare
from benchmarks.one_policy.worlds import PRODUCTS_OF_A_WORLD
from benchmarks.report import RESULTS, machine
from modules.catalog.application.queries import ProductSort
from shared_kernel.adapters.sql import Database


async def run(home: Path, seeds: range) -> tuple[Counts, list[str]]:
    """Compare in a database of its own, in every order there is."""
    async with stocked(home, 1) as stock:
        database = Database(stock.roles.app_url)
        try:
            return await compare(database, stock.roles.owner_url, seeds, sorts=len(ProductSort))
        finally:
            await database.close()


def main() -> None:
    """Compare, print, write `results/one_policy.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.one_policy", description=__doc__)
    parser.add_argument("--worlds", type=int, default=500, help="random policies")
    parser.add_argument("--first", type=int, default=1_000, help="the seed of the first")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.worlds)
    home = Path(tempfile.mkdtemp(prefix="app-one-policy-"))
    home.chmod(0o755)  # the account PostgreSQL runs as has to pass
    try:
        counts, told = asyncio.run(run(home, seeds))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    figures = {
        "machine": machine(),
        "seeds": [seeds.start, seeds.stop - 1],
        "products of each world": PRODUCTS_OF_A_WORLD,
        **asdict(counts),
    }
    text = json.dumps(figures, indent=2)
    (RESULTS / "one_policy.json").write_text(text + "\n", "utf-8")
    print(text, *told[:20], sep="\n")  # noqa: T201 - what the command is for
    sys.exit(bool(told))


if __name__ == "__main__":
    main()
