"""A load of keep-alive connections, each asking again as soon as it is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

HEADER_END = b"\r\n\r\n"


@dataclass(slots=True)
class Load:
    """What one burst saw: answers, their latencies in seconds, and how long it took."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list[float])
    failures: int = 0

    @property
    def answers(self) -> int:
        """How many requests were answered with 200."""
        return len(self.latencies)


class Asker(asyncio.Protocol):
    """One connection: sends a request, waits for the whole answer, sends the next."""

    def __init__(self, requests: Sequence[bytes], first: int, load: Load) -> None:
        self._requests, self._next, self._load = requests, first, load
        self._buffer = b""
        self._missing = -1
        self._asked = 0.0
        self._stopping = False
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._load.failures += not self._stopping
            self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(HEADER_END)
        if end < 0:
            return
        size = end + len(HEADER_END) + _length(self._buffer[:end])
        if len(self._buffer) >= size:
            self._answered(self._buffer[9:12])
            self._buffer = self._buffer[size:]

    def stop(self) -> None:
        """Ask nothing more once the answer in flight is there."""
        self._stopping = True

    def _answered(self, status: bytes) -> None:
        if status == b"200":
            self._load.latencies.append(time.perf_counter() - self._asked)
        else:
            self._load.failures += 1
        if status == b"503":  # with `Retry-After: 1`, which well-behaved clients heed
            asyncio.get_running_loop().call_later(1, self._ask)
        else:
            self._ask()

    def _ask(self) -> None:
        if self._stopping:
            self._transport.close()
            return
        self._asked = time.perf_counter()
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1


async def burst(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """Send requests over so many connections for so long. Failures are counted, not raised."""
    load = Load()
    loop = asyncio.get_running_loop()
    stride = max(1, len(requests) // connections)
    began = time.perf_counter()
    askers = [Asker(requests, index * stride, load) for index in range(connections)]
    for asker in askers:
        await loop.create_connection(partial(_same, asker), "127.0.0.1", port)
    await asyncio.sleep(seconds)
    for asker in askers:
        asker.stop()
    await asyncio.gather(*(asyncio.wait_for(asker.done, 10) for asker in askers))
    load.seconds = time.perf_counter() - began
    return load


def get(path: str, token: str | None = None) -> bytes:
    """Return the bytes of a GET request."""
    signed = f"authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{signed}\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """Return the bytes of a POST request with a JSON body."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _same(asker: Asker) -> Asker:
    return asker


def _length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.find(b"content-length:")
    if start < 0:
        return 0
    return int(lowered[start + 15 :].split(b"\r\n", 1)[0])
