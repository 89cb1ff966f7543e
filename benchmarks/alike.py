"""Proof that the rungs of a ladder do the same work: they show the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2

from benchmarks.processes import Server

PAGES = {"raw": "/products/", "fastapi": "/products/", "ours": "/v1/catalog/products"}


async def prove_alike(servers: Mapping[str, Server], product_id: object) -> None:
    """End the run where two servers show different products under the same id.

    A reference that reads fewer columns than ours makes every ratio worse than it is.
    """
    for path in (f"/{product_id}", ""):
        ours = await _shown(servers, "ours", path)
        for name in servers:
            other = await _shown(servers, name, path)
            differing = sorted(key for key in {*ours, *other} if ours.get(key) != other.get(key))
            if differing:
                raise SystemExit(f"{name} shows {', '.join(differing)} otherwise than ours")


async def _shown(servers: Mapping[str, Server], name: str, path: str) -> dict[str, Any]:
    """Return a product as the server shows it, alone or as the first of its list."""
    address = PAGES[name].rstrip("/") + path if path else PAGES[name]
    async with httpx2.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{servers[name].port}{address}")
    answer.raise_for_status()
    body = answer.json()
    product: dict[str, Any] = body if path else body["items"][0]
    return {key: _plain(value) for key, value in product.items()}


def _plain(value: object) -> object:
    """Return a time in one way of writing it, and everything else as it is."""
    return value.replace("+00:00", "Z") if isinstance(value, str) else value
