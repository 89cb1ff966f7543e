"""What is written in one turn of the loop leaves in one go."""

from __future__ import annotations

import asyncio
from typing import Any, cast

MOST_HELD = 64 * 1024
"""Bytes that may wait for the end of the turn: more goes out at once and slows its sender down."""


class GatheringTransport:
    """A transport that sends the head of an answer together with its body.

    The server writes the two one after the other. A call of the system for each is most of what
    a short answer costs it.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Send the data at the end of this turn of the loop."""
        if not self._held:
            self._loop.call_soon(self.flush)
        self._held.append(data)
        self._size += len(data)
        if self._size > MOST_HELD:
            self.flush()

    def flush(self) -> None:
        """Send what is held."""
        if self._held:
            held, self._held, self._size = self._held, [], 0
            if not self._transport.is_closing():
                self._transport.writelines(held)

    def close(self) -> None:
        """Send what is held, then close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:  # all else is the transport's own
        return getattr(self._transport, name)


def gathering(transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> asyncio.Transport:
    """Return a transport in the place of another."""
    return cast("asyncio.Transport", GatheringTransport(transport, loop))
