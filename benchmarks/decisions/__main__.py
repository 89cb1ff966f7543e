"""`python -m benchmarks.decisions`: what a decision costs, in one interleaved run; some minutes.

Cedar takes part where cedarpy is installed (the dependency group `benchmark`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.decisions.contenders import serve
from benchmarks.decisions.scenes import Scene
from benchmarks.decisions.stored import loads
from benchmarks.report import RESULTS, machine

ASSIGNMENTS = (100, 10_000, 1_000_000)
RULES = (10, 1_000, 10_000)
ROUNDS = 8
BURSTS = {"ours": (10_000, 2.0), "casbin": (500, 1.0), "cedar": (500, 1.0)}
"""The most questions of a burst, and the most seconds: the slow ones get to answer few."""

Row = dict[str, Any]


class Contender:
    """A process that decides."""

    def __init__(self, name: str, scene: Scene) -> None:
        spawning = get_context("spawn")
        self.name, self.times, self.allowed = name, list[float](), 0
        self._first = list[float]()
        self._pipe, theirs = _pipe(spawning)
        self._process: BaseProcess = spawning.Process(target=serve, args=(theirs, name, scene))
        self._process.start()
        self.seconds, self.mib = self._pipe.recv()

    def warm_up(self) -> None:
        """Have it answer the first questions, for which a policy is compiled piece by piece."""
        self._pipe.send((ROUNDS, *BURSTS[self.name]))
        self._first = self._pipe.recv()[0]

    def burst(self, seed: int) -> None:
        """Have it answer some questions, alone."""
        self._pipe.send((seed, *BURSTS[self.name]))
        times, allowed = self._pipe.recv()
        self.times += times
        self.allowed += allowed

    def end(self) -> Row:
        """Stop it, and return its figures."""
        self._pipe.send(None)
        self._process.join(30)
        hundredths = quantiles(self.times, n=100)
        return {
            "who": self.name,
            "p50_us": round(hundredths[49], 2),
            "p99_us": round(hundredths[98], 2),
            "p99_of_the_first_us": round(quantiles(self._first, n=100)[98], 2),
            "questions": len(self.times),
            "allowed": round(self.allowed / len(self.times), 2),
            "build_s": round(self.seconds, 2),  # the making up of the assignments included
            "memory_mib": round(self.mib),
        }


def _pipe(spawning: Any) -> tuple[Connection, Connection]:
    ends: tuple[Connection, Connection] = spawning.Pipe()
    return ends


def measured(scene: Scene, names: Sequence[str]) -> Iterator[Row]:
    """Yield the figures of each contender in one scene; they answer in turns."""
    contenders = [Contender(name, scene) for name in names]
    for one in contenders:
        one.warm_up()
    for seed in range(ROUNDS):
        for one in contenders:
            one.burst(seed)
    for one in contenders:
        yield {"assignments": scene.assignments, "rules": scene.rules, **one.end()}


def main() -> None:
    """Measure, print, write `results/decisions.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.decisions", description=__doc__)
    parser.add_argument("--no-write", action="store_true", help="only print")
    options = parser.parse_args()
    names = ["ours", "casbin", *(["cedar"] if find_spec("cedarpy") else [])]
    rows = list[Row]()
    for assignments in ASSIGNMENTS:
        for rules in RULES:
            rows += _told(measured(Scene(assignments, rules), names))
    mixed = Scene(ASSIGNMENTS[-1], RULES[-1], mixed=True)
    rows += _told({**one, "mixed": True} for one in measured(mixed, ["ours"]))
    home = Path(tempfile.mkdtemp(prefix="app-decisions-"))
    home.chmod(0o755)  # the account PostgreSQL runs as has to pass
    try:
        loaded = asyncio.run(loads(home, mixed))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    figures = {"machine": machine(), "decisions": rows, "from PostgreSQL": loaded}
    print(json.dumps(loaded, indent=2))  # noqa: T201 - what the command is for
    if not options.no_write:
        text = json.dumps(figures, indent=2) + "\n"
        (RESULTS / "decisions.json").write_text(text, "utf-8")


def _told(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        print(*(f"{name}={value}" for name, value in row.items()), flush=True)  # noqa: T201 - what the command is for
        yield row


if __name__ == "__main__":
    main()
