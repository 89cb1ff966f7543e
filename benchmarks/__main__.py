"""`python -m benchmarks`: the whole ladder in one interleaved run, some two minutes."""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import ladder, people, report
from benchmarks.alike import prove_alike
from benchmarks.data import Stock, stocked
from benchmarks.processes import Server, pin, start
from benchmarks.surroundings import surroundings


def main() -> None:
    """Measure, print the table, write it to `benchmarks/results/`."""
    options = _options()
    home = Path(tempfile.mkdtemp(prefix="app-benchmark-"))
    home.chmod(0o755)  # the account PostgreSQL runs as has to pass
    try:
        asyncio.run(_run(options, home))
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of each burst")
    parser.add_argument("--products", type=int, default=100_000, help="rows in the table")
    parser.add_argument("--no-write", action="store_true", help="only print")
    return parser.parse_args()


async def _run(options: argparse.Namespace, home: Path) -> None:
    cores = os.cpu_count() or 1
    server_core = 0 if cores > 1 else None
    if cores > 1:
        pin(os.getpid(), 1)  # the load and PostgreSQL share one core, the server has the other
    async with stocked(home, options.products) as stock:
        os.environ |= surroundings(stock)
        await people.appoint()
        servers = {
            name: start(name, factory, {}, server_core) for name, factory in ladder.SERVERS.items()
        }
        try:
            await _measure(options, servers, stock)
        finally:
            for server in servers.values():
                server.stop()


async def _measure(options: argparse.Namespace, servers: dict[str, Server], stock: Stock) -> None:
    await prove_alike(servers, stock.ids[0])
    climbed = ladder.rungs(stock.ids, people.sign_in(servers["ours"].port))
    samples = await ladder.climb(climbed, servers, rounds=options.rounds, seconds=options.seconds)
    rows = report.figures(climbed, samples)
    reads = next(rung for rung in climbed if rung.name == "product, ours, anonymous")
    ours = servers["ours"]
    notes = [
        f"memory of our process before the sign-ins: {ours.memory_mib():.0f} MiB (target: 110)"
    ]
    for readers in (1, ladder.CONNECTIONS):
        alone, beside = await ladder.storm(
            reads, ours, readers=readers, rounds=options.rounds, seconds=options.seconds
        )
        quiet, loud = median(alone), median(beside)
        notes.append(
            f"p99 of {readers} readers: {quiet:.1f} ms alone, {loud:.1f} ms beside "
            f"{ladder.SIGN_INS_AT_ONCE} sign-ins at once "
            f"({loud / quiet:.1f} times; targets: 3 times, 20 ms)"
        )
    notes.append(f"memory of our process after the run: {ours.memory_mib():.0f} MiB")
    _tell(options, rows, notes)


def _tell(options: argparse.Namespace, rows: list[dict[str, Any]], notes: list[str]) -> None:
    for row in rows:
        print(*(f"{name}={value}" for name, value in row.items() if value is not None))  # noqa: T201 - the table is what the command is for
    print(*notes, sep="\n")  # noqa: T201 - the table is what the command is for
    if not options.no_write:
        facts = {
            "rounds": options.rounds,
            "seconds per burst": options.seconds,
            "products": options.products,
            "connections": ladder.CONNECTIONS,
        }
        print(report.write(rows, facts, notes))  # noqa: T201 - the table is what the command is for


if __name__ == "__main__":
    main()
