"""Every list that matters is read through an index, on 20,000 products."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from modules.catalog.adapters.sql.category_queries import FROM_A_CATEGORY, FROM_THE_TOP
from modules.catalog.adapters.sql.category_queries import LIST as CATEGORIES
from modules.catalog.adapters.sql.product_queries import LIST as PRODUCTS
from modules.catalog.adapters.sql.product_queries import ONE
from modules.catalog.domain.product import Status
from shared_kernel.adapters.sql import Listing, ReadPool
from shared_kernel.application import Slice
from tests.kit.cluster import TestDatabase, drop_database, new_database

OWNER = "'01900000-0000-7000-8000-000000000001'"
FILL = f"""
    insert into catalog.categories (id, version, name, parent_id, position, external_id, created_at)
    select lpad(to_hex(n), 32, '0')::uuid, 1, 'Category ' || n,
           case when n > 10 then lpad(to_hex(n / 10), 32, '0')::uuid end, n % 7, 'c' || n, now()
    from generate_series(1, 3000) n;
    insert into catalog.products (id, version, sku, name, description, amount, currency,
                                  category_id, owner_id, status, created_at)
    select gen_random_uuid(), 1, 'S-' || n, md5(n::text), '', n % 5000, 'EUR',
           lpad(to_hex(1 + n % 3000), 32, '0')::uuid,
           case when n % 400 = 0 then {OWNER}::uuid else gen_random_uuid() end,
           case when n % 10 = 0 then 'draft' else 'published' end,
           now() - n * 7919 % 20000 * interval '1 minute'
    from generate_series(1, 20000) n;
    analyze catalog.categories;
    analyze catalog.products;
"""
ID = UUID("01900000-0000-7000-8000-000000000001")
CATEGORY = UUID("00000000-0000-0000-0000-000000000777")

# What is asked in the tests below, by the name of the filter.
ASKED: dict[str, object] = {
    "published": True,
    "published_or_mine": ID,
    "mine": ID,
    "owner_id": ID,
    "status": Status.DRAFT,
    "category_id": CATEGORY,
    "parent_id": CATEGORY,
    "external_id": "c7",
    "sku": "S-7",
    "skus": ["S-7", "S-8"],
    "lowest": Decimal(5),
    "highest": Decimal(90),
    "q": "00f",
}


@pytest.fixture(scope="module")
def full_shop() -> Generator[TestDatabase]:
    """A database of its own, filled once."""
    made = new_database(f"catalog_plans_{os.getpid()}")
    asyncio.run(_fill(made))
    yield made
    drop_database(made)


async def _fill(database: TestDatabase) -> None:
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(FILL)
    await connection.close()


@pytest_asyncio.fixture
async def connection(full_shop: TestDatabase) -> AsyncGenerator[asyncpg.Connection]:
    """A connection to the full shop; what a test does to it is taken back."""
    opened = await asyncpg.connect(full_shop.owner_url)
    transaction = opened.transaction()
    await transaction.start()
    yield opened
    await transaction.rollback()
    await opened.close()


class Planner:
    """Stands in for the read pool: asks PostgreSQL how it would read, and notes through what.

    Planned for values nobody knows yet, as a prepared statement is after its first executions.
    """

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.used: set[str] = set()

    async def fetch(self, sql: str, *values: object) -> Sequence[asyncpg.Record]:
        await self._connection.execute("set local plan_cache_mode = force_generic_plan")
        explained = await self._connection.fetchval(f"explain (format json) {sql}", *values)
        self.used |= set(_scans(json.loads(explained)[0]["Plan"]))
        return await self._connection.fetch(sql, *values)

    @property
    def reads(self) -> ReadPool:
        return cast("ReadPool", self)


async def used_by(
    connection: asyncpg.Connection,
    listing: Listing[Any],
    sort: str,
    *filters: str,
    after: tuple[str, ...] = (),
) -> set[str]:
    """Return the indexes a list is read through, and the tables read whole for it."""
    planner = Planner(connection)
    where = {name: ASKED[name] for name in filters}
    await listing.page(planner.reads, where, sort, Slice(limit=50, after=after))
    return planner.used


def _scans(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield f"Seq Scan on {node['Relation Name']}"
    if "Index Name" in node:
        yield node["Index Name"]
    for part in cast("list[dict[str, Any]]", node.get("Plans", [])):
        yield from _scans(part)


LISTS = [
    ("-created_at", ("published",), "ix_products_status_created_at_id"),
    ("created_at", ("published",), "ix_products_status_created_at_id"),
    ("name", ("published",), "ix_products_status_name_id"),
    ("-name", ("published",), "ix_products_status_name_id"),
    ("price", ("published",), "ix_products_status_amount_id"),
    ("-price", ("published",), "ix_products_status_amount_id"),
    ("-created_at", (), "ix_products_created_at_id"),
    ("name", (), "ix_products_name_id"),
    ("price", (), "ix_products_amount_id"),
    ("-created_at", ("published_or_mine",), "ix_products_created_at_id"),
    ("name", ("published_or_mine",), "ix_products_name_id"),
    ("price", ("published_or_mine",), "ix_products_amount_id"),
    ("-created_at", ("status",), "ix_products_status_created_at_id"),
    ("-created_at", ("owner_id",), "ix_products_owner_id_created_at_id"),
    ("name", ("owner_id",), "ix_products_owner_id_created_at_id"),
    ("price", ("published", "lowest", "highest"), "ix_products_status_amount_id"),
    ("-created_at", ("published", "sku"), "uq_products_sku"),
    ("-created_at", ("published", "skus"), "uq_products_sku"),
]


@pytest.mark.parametrize(("sort", "filters", "index"), LISTS)
async def test_a_list_of_products_is_read_through_its_index(
    connection: asyncpg.Connection, sort: str, filters: tuple[str, ...], index: str
) -> None:
    assert await used_by(connection, PRODUCTS, sort, *filters) == {index}


@pytest.mark.parametrize("sort", ["-created_at", "name", "price"])
@pytest.mark.parametrize("name", ["category_id", "q", "mine"])
async def test_subtrees_prefixes_and_owners_are_found_without_reading_the_table(
    connection: asyncpg.Connection, sort: str, name: str
) -> None:
    used = await used_by(connection, PRODUCTS, sort, "status", name)
    assert "Seq Scan on products" not in used
    if name == "category_id":
        assert "ix_products_category_id_created_at_id" in used


async def test_a_prefix_has_an_index(connection: asyncpg.Connection) -> None:
    used = await used_by(connection, PRODUCTS, "-created_at", "q")
    assert used & {"ix_products_lower_name", "ix_products_created_at_id"}
    await connection.execute("drop index catalog.ix_products_created_at_id")
    assert "ix_products_lower_name" in await used_by(connection, PRODUCTS, "-created_at", "q")


async def test_the_next_page_is_read_through_the_same_index(
    connection: asyncpg.Connection,
) -> None:
    after = ("100.000", str(ID))
    used = await used_by(connection, PRODUCTS, "-price", "published", after=after)
    assert used == {"ix_products_status_amount_id"}


async def test_one_product_is_read_by_its_key(connection: asyncpg.Connection) -> None:
    planner = Planner(connection)
    await ONE.first(planner.reads, id=ID, viewer=ID, everything=False)
    assert planner.used == {"pk_products"}


@pytest.mark.parametrize(
    ("sort", "filters", "index"),
    [
        ("position", (), "ix_categories_position_id"),
        ("-name", (), "ix_categories_name_id"),
        ("position", ("parent_id",), "ix_categories_parent_id_position_id"),
        ("name", ("parent_id",), "ix_categories_parent_id_name_id"),
        ("name", ("external_id",), "uq_categories_external_id"),
    ],
)
async def test_a_list_of_categories_is_read_through_its_index(
    connection: asyncpg.Connection, sort: str, filters: tuple[str, ...], index: str
) -> None:
    assert await used_by(connection, CATEGORIES, sort, *filters) == {index}


async def test_a_part_of_the_tree_starts_at_its_parent(connection: asyncpg.Connection) -> None:
    planner = Planner(connection)
    await FROM_A_CATEGORY.all(planner.reads, below=CATEGORY, depth=16)
    assert "ix_categories_parent_id_position_id" in planner.used
    assert len(await FROM_THE_TOP.all(planner.reads, depth=16)) == 3000
