"""Serves one application: `python -m benchmarks.servers.serve module:factory PORT`."""

from __future__ import annotations

import sys

import uvicorn

from bootstrap.serving.plan import Plan
from bootstrap.serving.single import serve

OURS = "benchmarks.servers.ours:application"


def main() -> None:
    """Serve the factory named on the command line; ours the way `app serve` does."""
    factory, port = sys.argv[1], int(sys.argv[2])
    if factory == OURS:
        serve(Plan(port=port, target=OURS))
        return
    uvicorn.run(
        factory,
        factory=True,
        port=port,
        access_log=False,
        log_level="warning",
        loop="uvloop",
        http="httptools",
        server_header=False,
        proxy_headers=False,
    )


if __name__ == "__main__":
    main()
