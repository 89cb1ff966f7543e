"""A small shop, and what is found in it."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.catalog.shop import PRODUCTS, listed, publish
from tests.kit.people import People, Person

SEARCH, SUGGESTIONS = f"{PRODUCTS}/search", f"{PRODUCTS}/suggestions"

GOODS = (
    ("CHI-1", "Point chisel", "Splits stone. For the first blow."),
    ("CHI-2", "Claw chisel", "Evens what the point left."),
    ("MAL-1", "Beech mallet", "Drives every chisel without hurting it."),
    ("CAF-1", "Café crème", "Crème brûlée in a cup."),
    ("ODD-1", "100% wool_cap \\ grey", "Knitted."),
    ("BAD-1", "<b>Bold</b> & <script>alert(1)</script>", "A <i>slate</i> of 5 > 3."),
    ("RTL-1", "מפסלת אבן 🪨", "For masons."),
)


async def shop(people: People) -> Person:
    """Fill a small shop."""
    editor = await people.register("editor")
    for sku, name, description in GOODS:
        await publish(editor.http, sku=sku, name=name, description=description)
    return editor


async def found(http: httpx2.AsyncClient, q: str, **query: Any) -> list[str]:
    """Return the SKUs of what is found, in order."""
    return [one["product"]["sku"] for one in await listed(http, SEARCH, q=q, **query)]
