"""Pictures, each another one by its number, and what becomes of their contents."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from time import time
from typing import Any

import httpx2
from fastapi import FastAPI

from modules.catalog.adapters.settings import CatalogSettings
from modules.catalog.application.media.sweeping import SweepMedia
from shared_kernel.module import Services

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF"
GIF = b"GIF89a"
WEBP = b"RIFF\x10\0\0\0WEBPVP8 "


def png(number: int = 0) -> bytes:
    return PNG + number.to_bytes(4)


def hash_of(content: bytes) -> str:
    return sha256(content).hexdigest()


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


def files(app: FastAPI) -> Sequence[Path]:
    """Return the files that hold contents, in the order of their names."""
    return sorted(one for one in folder_of(app).glob("*/*") if one.is_file())


def folder_of(app: FastAPI) -> Path:
    """Return where the application keeps contents."""
    services: Services = app.state.services
    return services.get(CatalogSettings).media_dir


def grow_old(app: FastAPI) -> None:
    """Let more than an hour pass for all contents."""
    then = time() - 3700
    for file in files(app):
        os.utime(file, (then, then))


async def sweep(app: FastAPI) -> int:
    """Sweep, whoever did lately, and return how many contents are gone."""
    services: Services = app.state.services
    (folder_of(app) / "swept").unlink(missing_ok=True)
    (gone,) = (await services.get(SweepMedia)()).values()
    return gone
