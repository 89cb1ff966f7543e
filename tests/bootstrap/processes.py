"""Servers in processes of their own, on ports of this machine that were free a moment ago."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import httpx2

from tests.kit.starting import Process, Start, forked

PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers at `url`."""

    process: Process
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ended(self) -> int:
        """Wait for its end and return the exit code."""
        return self.process.wait(PATIENCE)


@contextmanager
def serving(
    *command: str, port: int, environment: Mapping[str, str], start: Start = forked
) -> Generator[Server]:
    """Run a module until it answers, and end it afterwards, however the test went."""
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
    command = ("tests.bootstrap.serving_toys", str(port), str(workers), str(drain))
    told = {"TOY_AT_ONCE": str(at_once), "TOY_HSTS": "yes" if hsts else ""}
    return serving(*command, port=port, environment=told)


def wait_until_live(process: Process, port: int) -> None:
    """Wait until the server answers; fail with what it said when it ends instead."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = "".join(process.communicate())
            raise AssertionError(f"ended with {process.returncode}: {said}")
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
