"""Servers in processes of their own, on ports of this machine that were free a moment ago."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0

SERVE_TOY = """
import sys
from bootstrap.serving import Plan, run
run(Plan(port=int(sys.argv[1]), workers=int(sys.argv[2]), drain_seconds=float(sys.argv[3]),
         stop_seconds=10, target="tests.bootstrap.toy:application"))
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers at `url`."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ended(self) -> int:
        """Wait for its end and return the exit code."""
        return self.process.wait(PATIENCE)


@contextmanager
def serving(*command: str, port: int, **environment: str) -> Generator[Server]:
    """Run a command until it answers, and end it afterwards, however the test went."""
    process = start(*command, environment=environment)
    try:
        wait_until_live(process, port)
        yield Server(process, port)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        process.communicate()


def toys(
    workers: int, *, drain: float = 0, at_once: int = 200, hsts: bool = False
) -> AbstractContextManager[Server]:
    """Serve the toy application by the server for so many workers."""
    port = free_port()
    arguments = ("-c", SERVE_TOY, str(port), str(workers), str(drain))
    told = {"TOY_AT_ONCE": str(at_once), "TOY_HSTS": "yes" if hsts else ""}
    return serving(*arguments, port=port, **told)


def start(*command: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start Python with this checkout on its path and nothing of ours in its environment."""
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={**_bare_environment(), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _bare_environment() -> dict[str, str]:
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONPATH": str(ROOT)
    }


def wait_until_live(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until the server answers; fail with what it said when it ends instead."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = process.stdout.read() if process.stdout else b""
            raise AssertionError(f"ended with {process.returncode}: {said.decode()}")
        try:
            httpx2.get(f"http://127.0.0.1:{port}/health/live", timeout=2)
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("does not answer")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port
