"""`python -m bootstrap.boundaries [imports] [sources] [loaded]`, at the root of the tree.

Prints one line per finding, `check: place: what`, and exits 1 when there is one.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from bootstrap import collector
from bootstrap.boundaries.engine import STAGES


def main(stages: Sequence[str]) -> int:
    """Run the stages named, or all. Returns the exit status."""
    unknown = sorted(set(stages) - STAGES.keys())
    if unknown:
        sys.stderr.write(f"no such stage: {', '.join(unknown)} (there are {', '.join(STAGES)})\n")
        return 2
    found = 0
    for stage in stages or STAGES:
        for check, finding in STAGES[stage](Path.cwd()):
            sys.stdout.write(f"{check}: {finding}\n")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    collector.collect_seldom()
    collector.leave_out_the_end()
    sys.exit(main(sys.argv[1:]))
