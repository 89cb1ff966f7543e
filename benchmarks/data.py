"""The database of a run: the embedded server, this project's schemas, many products."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from bootstrap import migrate
from bootstrap.postgres import EmbeddedPostgres, Roles

# Rows of some 0.8 kB as JSON, spread over time like real ones.
FILL = """
insert into catalog.products (id, version, sku, name, description, amount, currency, category_id,
    owner_id, status, created_at, published_at)
select gen_random_uuid(), 1, 'BENCH-' || n, 'Product number ' || n, repeat('stone ', 80),
    (n % 90000) / 100.0, 'EUR', null, null, 'published',
    timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-01-01'
from generate_series(1, $1::int) n
"""


@dataclass(frozen=True, slots=True)
class Stock:
    """Where the products are, and the ids of some of them."""

    roles: Roles
    ids: Sequence[UUID]


@asynccontextmanager
async def stocked(home: Path, products: int) -> AsyncGenerator[Stock]:
    """Make the database and fill it; stop the server at the end."""
    server = EmbeddedPostgres(home, durable=False)
    roles = await asyncio.to_thread(server.start)
    try:
        await asyncio.to_thread(migrate.upgrade, roles.owner_url, app_role="app")
        connection = await asyncpg.connect(roles.owner_url)
        try:
            await connection.execute(FILL, products, timeout=600)
            await connection.execute("analyze catalog.products")
            found = await connection.fetch(
                "select id from catalog.products order by random() limit 5000"
            )
        finally:
            await connection.close()
        yield Stock(roles, [row["id"] for row in found])
    finally:
        await asyncio.to_thread(server.stop)
