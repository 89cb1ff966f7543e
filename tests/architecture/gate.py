"""A program: runs the boundary checks on one tree after another, each in a process of its own.

Reads lines `<tree> <stage> ...`, answers each with the findings as one JSON list. Libraries and
the checks are imported once and every tree is checked in a fork, so that a check costs its own time
only. The checks have by then read the ground, whose files the trees share: what is planted in a
tree is all that they still have to parse.
"""

import gc
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

CHECKS = "bootstrap.boundaries.__main__"
PACKAGES = ("modules", "shared_kernel", "bootstrap", "migrations", "benchmarks", "tests")
LIBRARIES = (
    "asyncpg",
    "dependency_injector.containers",
    "fastapi",
    "importlinter.api",
    "pydantic.v1",  # the framework looks for it when it sees the first route
    "pydantic_settings",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.ext.asyncio",
    "sqlglot",
    "structlog",
    "typer",
)


def check(tree: str, stages: Sequence[str]) -> list[str]:
    """The findings of the tree's own checks, in a fork where there is one."""
    if not hasattr(os, "fork"):
        command = [sys.executable, "-m", "bootstrap.boundaries", *stages]
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
        return (done.stdout + done.stderr).splitlines()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _run(tree, stages, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said.splitlines()


def _run(tree: str, stages: Sequence[str], writer: int) -> None:
    os.dup2(writer, 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    gc.disable()  # a third of the time, and the process is short
    os.chdir(tree)
    sys.path[0] = tree
    try:
        importlib.import_module(CHECKS).main(stages)
    except BaseException as error:  # noqa: BLE001 - the fork must end here, whatever happened
        sys.stdout.write(f"crashed: {type(error).__name__}: {error}\n")
    sys.stdout.flush()
    os._exit(0)


def read(ground: str) -> None:
    """Let the checks see the ground; leave nothing of it imported but the checks themselves.

    Not the imports: their graph is built by threads, and a fork has none of them.
    """
    os.chdir(ground)
    sys.path[0] = ground
    with redirect_stdout(StringIO()):
        importlib.import_module(CHECKS).main(("sources",))
    from bootstrap.boundaries.hidden_imports import suspicious  # noqa: PLC0415 - the ground's
    from bootstrap.boundaries.sources import read_sources  # noqa: PLC0415 - the ground's

    pattern = suspicious(PACKAGES)
    for source in read_sources(Path(ground), PACKAGES):
        source.mentions(pattern)
        _ = source.docstrings
    for name in [*sys.modules]:
        if name.partition(".")[0] in PACKAGES and not name.startswith(CHECKS.rpartition(".")[0]):
            del sys.modules[name]
    gc.freeze()  # pages that no collection touches stay shared


def main() -> None:
    sys.path[0] = str(Path(sys.executable).parent)  # nothing of the real tree may be found
    for library in LIBRARIES:
        importlib.import_module(library)
    if hasattr(os, "fork"):
        read(sys.argv[1])
    for line in sys.stdin:
        tree, *stages = json.loads(line)
        sys.stdout.write(json.dumps(check(tree, stages)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
