"""`python -m benchmarks.differential`: 120,000 random questions, some two minutes.

Ends with status 1 where the compiled policy and Casbin's enforcer differ.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from benchmarks.differential.comparison import QUESTIONS_A_WORLD, compare
from benchmarks.report import RESULTS, machine


def main() -> None:
    """Compare, print, write `results/differential.json`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.differential", description=__doc__)
    parser.add_argument("--worlds", type=int, default=1_200, help="random policies")
    parser.add_argument("--first", type=int, default=1_000, help="the seed of the first")
    options = parser.parse_args()
    counts, told = compare(range(options.first, options.first + options.worlds))
    figures = {
        "machine": machine(),
        "seeds": [options.first, options.first + options.worlds - 1],
        "questions of each world": QUESTIONS_A_WORLD,
        **asdict(counts),
    }
    text = json.dumps(figures, indent=2)
    (RESULTS / "differential.json").write_text(text + "\n", "utf-8")
    print(text, *told[:20], sep="\n")  # noqa: T201 - what the command is for
    sys.exit(bool(told))


if __name__ == "__main__":
    main()
