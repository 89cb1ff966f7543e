"""The statements of the reference rungs: the same columns, the same JSON, as the product's view."""

from __future__ import annotations

import os
from typing import Any

import asyncpg
import orjson

COLUMNS = (
    "id, sku, slug, name, description, amount, currency, category_id, brand_id, tags, attributes, "
    "owner_id, status, created_at, published_at, version"
)
SHOWN = f"select {COLUMNS} from catalog.products where deleted_at is null and status = 'published' "  # noqa: S608 - constants
ONE = SHOWN + "and id = $1"
PAGE = SHOWN + "order by created_at desc, id desc limit 51"
CONNECTIONS = 20


async def open_pool() -> asyncpg.Pool:
    """Return a pool as the driver gives it, without the reset between two uses."""
    return await asyncpg.create_pool(
        os.environ["DATABASE_URL"],
        min_size=CONNECTIONS,
        max_size=CONNECTIONS,
        reset=_keep,
        init=_read_json,
    )


def shown(row: asyncpg.Record) -> dict[str, Any]:
    """Return the members of one product as the API shows them."""
    members: dict[str, Any] = dict(row)
    members["id"] = str(members["id"])
    for other in ("category_id", "brand_id", "owner_id"):
        members[other] = members[other] and str(members[other])
    currency = members.pop("currency")
    members["price"] = {"amount": f"{members.pop('amount'):.2f}", "currency": currency}
    return members


async def _read_json(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=orjson.dumps, decoder=orjson.loads
    )


async def _keep(_connection: asyncpg.Connection) -> None:
    """Leave the connection as it is: nothing here changes its state."""
