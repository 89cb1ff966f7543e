"""Files on the disk of this machine, where only the account of the application can read them."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterable, Mapping
from pathlib import Path
from typing import BinaryIO

from shared_kernel.domain import Unavailable

BUFFER = 256 * 1024
KEEP_SECONDS = 2 * 24 * 3600


class NoRoomForFiles(Unavailable):
    """The disk is full, or cannot be written to."""


class DiskSpool:
    """Keeps files in one directory, under names of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def keep(self, content: AsyncIterable[bytes]) -> str:
        try:
            path = self._new()
            try:
                with path.open("wb") as file:
                    await _written(file, content)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise NoRoomForFiles("the file cannot be kept now", retry_after=60) from error
        return str(path)

    def discard(self, path: str) -> None:
        Path(path).unlink(missing_ok=True)

    async def forget(self) -> Mapping[str, int]:
        """Forget what nobody came back for; return how many files that were."""
        return {"files": await asyncio.to_thread(self._forget)}

    def _new(self) -> Path:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="sent-", dir=self._directory)
        os.close(handle)
        return Path(name)

    def _forget(self) -> int:
        past = time.time() - KEEP_SECONDS
        old = [one for one in self._directory.glob("sent-*") if one.stat().st_mtime < past]
        for one in old:
            one.unlink(missing_ok=True)
        return len(old)


async def _written(file: BinaryIO, content: AsyncIterable[bytes]) -> None:
    buffer = bytearray()
    async for piece in content:
        buffer += piece
        if len(buffer) >= BUFFER:
            await asyncio.to_thread(file.write, bytes(buffer))
            buffer.clear()
    await asyncio.to_thread(file.write, bytes(buffer))
