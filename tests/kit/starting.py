"""Starts programs of this checkout: plainly, or as forks of one that has imported all they need.

Both ways give the same process. Start plainly where the start itself is what a test is about.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, Protocol

from tests.kit.asking import Request, ask, next_number

ROOT = Path(__file__).resolve().parents[2]


class Process(Protocol):
    """What tests use of `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def communicate(self, *, timeout: float | None = None) -> tuple[str, str]: ...
    def send_signal(self, sig: int) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


Start = Callable[..., Process]


def started(
    module: str, *arguments: str, environment: Mapping[str, str], cwd: Path = ROOT
) -> Process:
    """Start a module with nothing of ours in its environment, the way everybody does."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=cwd,
        env={**_bare_environment(), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def forked(
    module: str, *arguments: str, environment: Mapping[str, str], cwd: Path = ROOT
) -> Process:
    """Start a module as a fork; plainly where nothing forks.

    The first one in a test process waits for the imports: not on a loop that others need.
    """
    if not hasattr(os, "fork"):
        return started(module, *arguments, environment=environment, cwd=cwd)
    return _program().start(
        {
            "module": module,
            "arguments": [*arguments],
            "cwd": str(cwd),
            "environment": {**_bare_environment(), **environment},
        }
    )


def forked_by_a_shell(module: str) -> tuple[str, Sequence[int]]:
    """Return what a shell has to type to start a module as a fork, and descriptors to give it."""
    if not hasattr(os, "fork"):
        return f"{sys.executable} -m {module}", ()
    control = _program().control.fileno()
    return f"{sys.executable} -S -m tests.kit.asking {control} {module}", (control,)


def end_forking() -> None:
    """End the program that forks, if there is one, and with it all it started."""
    while _PROGRAMS:
        _PROGRAMS.pop().close()


def _program() -> _Program:
    with _LOCK:
        if not _PROGRAMS:
            _PROGRAMS.append(_Program())
        return _PROGRAMS[0]


class _Program:
    """The program of `tests.kit.forking`. It also ends when this process does, however."""

    def __init__(self) -> None:
        self.control, its_end = socket.socketpair()
        with its_end:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.kit.forking"],
                cwd=ROOT,
                env=_bare_environment(),
                stdin=its_end.fileno(),
                start_new_session=True,  # Ctrl-C is for the tests, which end it
            )

    def start(self, request: Request) -> Process:
        out, err = TemporaryFile("w+"), TemporaryFile("w+")  # noqa: SIM115 - read at its end
        told = ask(self.control, request, out.fileno(), err.fileno())
        return _Forked(request["module"], told, out, err)

    def close(self) -> None:
        self.control.close()
        self._process.wait(30)


class _Forked:
    """A process that is not this one's child. Prints into files: it never waits for a reader."""

    def __init__(self, name: str, told: socket.socket, out: IO[str], err: IO[str]) -> None:
        self._name, self._told, self._files = name, told, (out, err)
        self._printed = ("", "")
        self.returncode: int | None = None
        self.pid = next_number(told)

    def poll(self) -> int | None:
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self._name, timeout or 0)
        return code

    def communicate(self, *, timeout: float | None = None) -> tuple[str, str]:
        self.wait(timeout)
        return self._printed

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _ended(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], seconds)[0]:
            self.returncode = next_number(self._told)
            self._told.close()
            self._printed = _text(self._files[0]), _text(self._files[1])
        return self.returncode


def _text(file: IO[str]) -> str:
    with file:
        file.seek(0)
        return file.read()


def _bare_environment() -> dict[str, str]:
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONPATH": str(ROOT)
    }


_LOCK = Lock()
_PROGRAMS: list[_Program] = []
