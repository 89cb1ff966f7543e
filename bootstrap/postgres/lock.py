"""One process at a time."""

import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.postgres.errors import PostgresUnavailable

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(file: Path, *, timeout: float = 360) -> Generator[None]:
    """Hold the file's lock; the operating system frees it when its holder dies.

    `timeout` in seconds; longer than the slowest start. Not reentrant, not even in one thread.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait_for(handle, file, time.monotonic() + timeout)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int, file: Path, deadline: float) -> None:
    while True:
        try:
            return _take(handle)
        except (BlockingIOError, PermissionError) as held:
            if time.monotonic() > deadline:
                raise PostgresUnavailable(
                    f"Another process has been starting or restoring this PostgreSQL for too long "
                    f"(it holds the lock {file}). End that process and try again."
                ) from held
        time.sleep(0.05)
