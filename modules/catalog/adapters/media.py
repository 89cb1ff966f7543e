"""Contents of media in a folder on disk, which all processes of the application share."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from modules.catalog.domain.media import MediaUnavailable

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)

    def _settle(folder: Path) -> None:
        """Do nothing: what is in a folder is settled with each file of it."""

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _settle(folder: Path) -> None:
        """Have a folder outlive a power failure with all that it names."""
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


T = TypeVar("T")

log = logging.getLogger(__name__)

UNFINISHED = "unfinished-"
FOLDERS = [f"{number:02x}" for number in range(256)]


class DiskMediaStorage:
    """Keeps each content in one file, by the name of its hash, in 256 folders.

    A file is written under another name and renamed: there is never half of one. A lock keeps a
    content that is kept anew from being forgotten in the same moment.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def keep(self, name: str, content: bytes) -> None:
        await _on_disk(lambda: self._keep(self._place(name), content))

    async def read(self, name: str) -> bytes:
        return await _on_disk(self._place(name).read_bytes)

    async def begin_sweep(self, *, unless_since: datetime) -> bool:
        return await _on_disk(lambda: self._begin_sweep(unless_since.timestamp()))

    async def kept_before(self, moment: datetime) -> AsyncIterator[Sequence[str]]:
        before = moment.timestamp()
        for name in FOLDERS:
            look = partial(_kept_before, self._directory / name, before)
            if names := await _on_disk(look):
                yield names

    async def forget(self, names: Collection[str], *, kept_before: datetime) -> int:
        before = kept_before.timestamp()
        return await _on_disk(lambda: sum(self._forget(one, before) for one in names))

    def _place(self, name: str) -> Path:
        return self._directory / name[:2] / name

    def _keep(self, place: Path, content: bytes) -> None:
        self._make(place.parent)
        handle, unfinished = tempfile.mkstemp(prefix=UNFINISHED, dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            with self._alone():
                os.utime(unfinished)  # as old as its name, however long the disk took
                Path(unfinished).replace(place)
            _settle(place.parent)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise

    def _make(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _settle(self._directory)

    def _begin_sweep(self, since: float) -> bool:
        mark = self._directory / "swept"
        if not self._directory.exists():
            return False
        with self._alone():
            if mark.exists() and _kept_at(mark) > since:
                return False
            mark.touch()
        return True

    def _forget(self, name: str, moment: float) -> bool:
        for place in self._places(name):
            with self._alone():
                if _kept_at(place) < moment:
                    place.unlink(missing_ok=True)
                    return True
        return False

    def _places(self, name: str) -> Sequence[Path]:
        if name.startswith(UNFINISHED):
            return [*self._directory.glob(f"??/{name}")]
        return [place] if (place := self._place(name)).exists() else []

    @contextmanager
    def _alone(self) -> Generator[None]:
        with (self._directory / "lock").open("a") as lock:
            _take(lock.fileno())  # until it is closed
            yield


def _kept_before(folder: Path, moment: float) -> Sequence[str]:
    """Return names; what a process that died has left is among them, and named by nobody."""
    try:
        with os.scandir(folder) as files:
            return [file.name for file in files if _kept_at(file) < moment]
    except FileNotFoundError:
        return []


def _kept_at(file: Path | os.DirEntry[str]) -> float:
    """Return when a file was kept; in days to come, when it is gone."""
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


async def _on_disk(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        log.error("the media cannot be reached: %s", error)  # noqa: TRY400 - it says all there is
        raise MediaUnavailable("the media cannot be reached now", retry_after=60) from error
