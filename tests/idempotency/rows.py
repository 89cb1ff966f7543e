"""What is in the database, for tests that count it."""

from __future__ import annotations

from typing import Any

import asyncpg

from tests.kit.cluster import TestDatabase

NOTED = "select count(*) from platform.keyed_requests"
FORGET_ANSWERS = "update platform.keyed_requests set status = null, headers = null, body = null"
AGE = "update platform.keyed_requests set noted_at = noted_at - interval '1 day'"
PRODUCTS = "select count(*) from catalog.products where sku = $1"
CATEGORIES = "select count(*) from catalog.categories where name = $1"
EVENTS = """
    select count(*) from platform.outbox o join catalog.products p on p.id = o.subject_id
    where p.sku = $1 and o.kind = 'catalog.ProductDrafted'
"""


async def run(database: TestDatabase, statement: str, *values: object) -> Any:
    """Run a statement as the owner of everything, and return its first value."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()
