"""A program: runs `app` commands, each in a process of its own that has nothing left to import.

Importing the application takes seconds, which each command would take anew. Reads requests, one
JSON object a line, answers each with the exit code. What a command prints goes to the files named.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from importlib import import_module
from typing import NoReturn, TypedDict

from bootstrap.cli import main as app
from bootstrap.modules import discover

# What the commands import when they are run.
LATER = (
    "bootstrap.api",
    "bootstrap.doctor",
    "bootstrap.events",
    "bootstrap.example",
    "bootstrap.revisions",
    "bootstrap.runtime",
    "bootstrap.serving",
)


class Request(TypedDict):
    """A command line, and where it is typed."""

    arguments: list[str]
    cwd: str
    environment: dict[str, str]
    out: str
    err: str


def main() -> None:
    for name in ("bootstrap.cli.application", *LATER):
        import_module(name)
    discover()
    gc.freeze()  # pages that no collection touches stay shared
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def become(request: Request) -> NoReturn:
    """Be the process that the command line would have started, to its ordinary end."""
    for number, file in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
        os.dup2(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), number)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["app", *request["arguments"]]
    app()
    sys.exit()


if __name__ == "__main__":
    main()
