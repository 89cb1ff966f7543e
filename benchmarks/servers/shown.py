"""The statements of the reference rungs: the same columns, the same JSON, as the product's view."""

from __future__ import annotations

import os
from typing import Any

import asyncpg

COLUMNS = (
    "id, sku, name, description, amount, currency, category_id, owner_id, status, created_at, "
    "published_at, version"
)
ONE = f"select {COLUMNS} from catalog.products where id = $1 and status = 'published'"  # noqa: S608 - constants
PAGE = (
    f"select {COLUMNS} from catalog.products where status = 'published' "  # noqa: S608 - constants
    "order by created_at desc, id desc limit 51"
)
CONNECTIONS = 20


async def open_pool() -> asyncpg.Pool:
    """Return a pool as the driver gives it, without the reset between two uses."""
    return await asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=CONNECTIONS, max_size=CONNECTIONS, reset=_keep
    )


def shown(row: asyncpg.Record) -> dict[str, Any]:
    """Return the members of one product as the API shows them."""
    members: dict[str, Any] = dict(row)
    members["id"] = str(members["id"])
    members["category_id"] = members["category_id"] and str(members["category_id"])
    members["owner_id"] = members["owner_id"] and str(members["owner_id"])
    currency = members.pop("currency")
    members["price"] = {"amount": f"{members.pop('amount'):.2f}", "currency": currency}
    return members


async def _keep(_connection: asyncpg.Connection) -> None:
    """Leave the connection as it is: nothing here changes its state."""
