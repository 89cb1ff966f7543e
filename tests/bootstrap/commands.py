"""Types commands of `app`, and tells how they ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Protocol

from tests.bootstrap.processes import ROOT


class App(Protocol):
    """Runs `app` with arguments, in a directory, with nothing of ours in its environment."""

    def __call__(
        self, *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None
    ) -> CompletedProcess[str]: ...


def started(
    *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None
) -> CompletedProcess[str]:
    """Run a command the way everybody does."""
    return subprocess.run(
        [sys.executable, "-m", "bootstrap.cli", *arguments],
        cwd=cwd,
        env=_environment(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@contextmanager
def forked() -> Generator[App]:
    """Run commands by a program that has imported all they need; plainly where nothing forks."""
    if not hasattr(os, "fork"):
        yield started
        return
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.bootstrap.forking"],
        cwd=ROOT,
        env=_environment(None),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _Forking(program)
    finally:
        program.communicate(timeout=60)


class _Forking:
    def __init__(self, program: subprocess.Popen[str]) -> None:
        self._program = program

    def __call__(
        self, *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None
    ) -> CompletedProcess[str]:
        out, err = cwd / "printed.out", cwd / "printed.err"
        request = {
            "arguments": arguments,
            "cwd": str(cwd),
            "environment": _environment(environment),
            "out": str(out),
            "err": str(err),
        }
        code = self._ask(json.dumps(request))
        return CompletedProcess(arguments, code, _taken(out), _taken(err))

    def _ask(self, line: str) -> int:
        stdin, stdout = self._program.stdin, self._program.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the program has no pipes")
        stdin.write(line + "\n")
        stdin.flush()
        return int(stdout.readline())


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **(more or {})}


def _taken(file: Path) -> str:
    text = file.read_text("utf-8")
    file.unlink()
    return text
