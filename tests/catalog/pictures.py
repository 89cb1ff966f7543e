"""Pictures, each another one by its number."""

from __future__ import annotations

from typing import Any

import httpx2

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF"
GIF = b"GIF89a"
WEBP = b"RIFF\x10\0\0\0WEBPVP8 "


def png(number: int = 0) -> bytes:
    return PNG + number.to_bytes(4)


async def sent(
    http: httpx2.AsyncClient, place: str, content: bytes, *, of: str = "image/png", **query: Any
) -> httpx2.Response:
    """Send a picture of a product."""
    headers = {"content-type": of}
    return await http.post(f"{place}/media", content=content, headers=headers, params=query)


async def added(
    http: httpx2.AsyncClient, place: str, content: bytes, **query: Any
) -> httpx2.Response:
    """Send a picture that is taken, and return the answer."""
    answer = await sent(http, place, content, **query)
    assert answer.status_code == 201, answer.text
    return answer
