"""Contents of media in a folder on disk, which all processes of the application share."""

from __future__ import annotations

import asyncio
import fcntl
import os
import tempfile
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from modules.catalog.domain.media import MediaUnavailable

T = TypeVar("T")

UNFINISHED = "unfinished-"


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

    async def kept_before(self, moment: datetime) -> Sequence[str]:
        return await _on_disk(lambda: [*self._kept_before(moment.timestamp())])

    async def forget(self, names: Collection[str], *, kept_before: datetime) -> int:
        before = kept_before.timestamp()
        return await _on_disk(lambda: sum(self._forget(one, before) for one in names))

    def _place(self, name: str) -> Path:
        return self._directory / name[:2] / name

    def _keep(self, place: Path, content: bytes) -> None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(prefix=UNFINISHED, dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            with self._alone():
                os.utime(unfinished)  # as old as its name, however long the disk took
                Path(unfinished).replace(place)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise

    def _kept_before(self, moment: float) -> Iterator[str]:
        """Yield names; what a process that died has left is among them, and named by nobody."""
        for folder in self._directory.glob("[0-9a-f][0-9a-f]"):
            for file in os.scandir(folder):
                if _age_of(Path(file)) < moment:
                    yield file.name

    def _forget(self, name: str, moment: float) -> bool:
        for place in self._places(name):
            with self._alone():
                if _age_of(place) < moment:
                    place.unlink(missing_ok=True)
                    return True
        return False

    def _places(self, name: str) -> Sequence[Path]:
        if name.startswith(UNFINISHED):
            return [*self._directory.glob(f"[0-9a-f][0-9a-f]/{name}")]
        return [place] if (place := self._place(name)).exists() else []

    @contextmanager
    def _alone(self) -> Generator[None]:
        with (self._directory / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed
            yield


def _age_of(place: Path) -> float:
    """Return when a file was kept; as if just now, when it is gone."""
    try:
        return place.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


async def _on_disk(work: Callable[[], T]) -> T:
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        raise MediaUnavailable("the media cannot be reached now", retry_after=60) from error
