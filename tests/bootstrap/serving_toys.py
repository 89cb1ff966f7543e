"""A program: serves the toy application. Arguments: port, workers, seconds of draining."""

from __future__ import annotations

import sys

from bootstrap.serving import Plan, run

if __name__ == "__main__":  # granian's workers import it under another name
    run(
        Plan(
            port=int(sys.argv[1]),
            workers=int(sys.argv[2]),
            drain_seconds=float(sys.argv[3]),
            stop_seconds=10,
            target="tests.bootstrap.toy:application",
        )
    )
