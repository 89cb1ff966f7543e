"""Servers as processes of their own: started, pinned, measured, stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
START_SECONDS = 30.0


@dataclass(slots=True)
class Server:
    """A server under measurement."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """Return the processor time the server has used, user and system."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)

    def memory_mib(self) -> float:
        """Return the server's resident memory."""
        return float(psutil.Process(self.process.pid).memory_info().rss) / 2**20

    def stop(self) -> None:
        """End the server and wait for it."""
        self.process.terminate()
        self.process.wait(30)


def start(name: str, factory: str, environment: Mapping[str, str], core: int | None) -> Server:
    """Start `factory` (module:function, or a ready application) under uvicorn on a free port."""
    port = _free_port()
    command = [sys.executable, "-m", "benchmarks.servers.serve", factory, str(port)]
    process = subprocess.Popen(  # noqa: S603 - our own server; its log goes nowhere
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    pin(process.pid, core)
    _wait(port, process)
    return Server(name, port, process)


def pin(pid: int, core: int | None) -> None:
    """Keep a process on one core, where the system can."""
    if core is not None and sys.platform == "linux":
        os.sched_setaffinity(pid, {core})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"a server ended while starting, with code {process.returncode}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("a server did not start in time")
