"""Asks the program of `tests.kit.forking` for a process, and hears how it goes.

Run as a program it does so for a shell, in its own place: `python -m tests.kit.asking 5 module ...`
with the socket of that program as descriptor 5.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypedDict


class Request(TypedDict):
    """What would be `python -m module argument ...`."""

    module: str
    arguments: list[str]
    cwd: str
    environment: Mapping[str, str]


def ask(control: socket.socket, request: Request, out: int, err: int) -> socket.socket:
    """Ask for a process that prints to two descriptors.

    Its pid, and later its exit code, are to be read from what is returned.
    """
    told, its_end = socket.socketpair()
    with its_end:
        socket.send_fds(control, [b"."], [out, err, its_end.fileno()])
        told.sendall(json.dumps(request).encode() + b"\n")
    return told


def next_number(told: socket.socket) -> int:
    """Wait for the next number told."""
    number = told.recv(4, socket.MSG_WAITALL)
    if not number:
        raise ChildProcessError("the program that forks has ended")
    return int.from_bytes(number, "big", signed=True)


def tell(told: socket.socket, number: int) -> None:
    with suppress(OSError):  # nobody waits for it any more
        told.sendall(number.to_bytes(4, "big", signed=True))


def main() -> None:
    descriptor, module, *arguments = sys.argv[1:]
    here: Request = {
        "module": module,
        "arguments": arguments,
        "cwd": str(Path.cwd()),
        "environment": dict(os.environ),
    }
    with socket.socket(fileno=int(descriptor)) as control, ask(control, here, 1, 2) as told:
        next_number(told)
        sys.exit(next_number(told))


if __name__ == "__main__":
    main()
