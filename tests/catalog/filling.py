"""Fills the table of products with many at once."""

from __future__ import annotations

import asyncio
import time

import asyncpg

from tests.kit.cluster import TestDatabase

# A key to another table is looked up for every row, and an index looked through: both are checked
# and made afterwards, for all rows together.
INDEXES = """
    select 'drop index catalog.' || quote_ident(i.relname), pg_get_indexdef(i.oid)
    from pg_index x join pg_class i on i.oid = x.indexrelid
    where x.indrelid = 'catalog.products'::regclass
      and not exists (select from pg_constraint c where c.conindid = i.oid)
"""
KEYS = """
    select 'alter table catalog.products drop constraint ' || quote_ident(conname),
           'alter table catalog.products add constraint ' || quote_ident(conname) || ' '
           || pg_get_constraintdef(oid)
    from pg_constraint where conrelid = 'catalog.products'::regclass and contype in ('f', 'u')
"""

UNSEEN = """
    select count(*) from pg_class
    where oid in ('catalog.categories'::regclass, 'catalog.products'::regclass)
      and relallvisible < relpages
"""


async def fill(database: TestDatabase, before: str, products: str) -> None:
    """Run statements, put in products without their trigger, and have PostgreSQL count them."""
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute("set synchronous_commit = on")
    await connection.execute(before)
    later = [*await connection.fetch(KEYS), *await connection.fetch(INDEXES)]
    away = "; ".join(drop for drop, _ in later)
    again = "; ".join(made for _, made in later)
    await connection.execute(f"alter table catalog.products disable trigger note_search; {away}")
    await connection.execute(products)
    await connection.execute(again)
    await _count(connection)
    await connection.close()


async def _count(connection: asyncpg.Connection) -> None:
    """Let PostgreSQL see what there is, and that everybody may see it: its choice hangs on both.

    What was committed without waiting for the disk is seen by all a little later.
    """
    end = time.monotonic() + 60
    await connection.execute("vacuum analyze catalog.categories, catalog.products")
    while await connection.fetchval(UNSEEN):
        assert time.monotonic() < end, "the rows never became visible to all"
        await asyncio.sleep(0.1)
        await connection.execute("vacuum catalog.categories, catalog.products")
