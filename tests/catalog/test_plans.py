"""Every list that matters is read through indexes, whoever looks, on 130,000 products."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Generator
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from benchmarks.viewers import ACCOUNT, viewers
from modules.catalog.adapters.sql.category_queries import LIST as CATEGORIES
from modules.catalog.adapters.sql.product_queries import BY_SLUG, ONE
from modules.catalog.adapters.sql.product_queries import LIST as PRODUCTS
from modules.catalog.adapters.sql.trash import LIST as TRASH
from modules.catalog.adapters.sql.tree import FROM_A_CATEGORY, FROM_THE_TOP, read
from modules.catalog.application.queries import ProductSort
from modules.catalog.domain.product import Status
from shared_kernel.adapters.sql import Listing
from shared_kernel.application import Slice
from shared_kernel.application.conditions import TRUE, Condition
from tests.catalog.filling import fill
from tests.catalog.planner import Planner
from tests.kit.cluster import TestDatabase, drop_database, new_database

pytestmark = pytest.mark.xdist_group("plans")  # filled once

# One in twelve is published: no fewer than are counted one by one.
MADE = 130_000

CATEGORIES_MADE = """
    insert into catalog.categories (id, version, name, parent_id, position, external_id, created_at)
    select lpad(to_hex(n), 32, '0')::uuid, 1, 'Category ' || n,
           case when n > 10 then lpad(to_hex(n / 10), 32, '0')::uuid end, n % 7, 'c' || n, now()
    from generate_series(1, 3000) n
"""
PRODUCTS_MADE = f"""
    insert into catalog.products (id, version, sku, name, description, amount, currency,
                                  category_id, owner_id, status, created_at)
    select lpad(to_hex(n), 32, '0')::uuid, 1, 'S-' || n, md5(n::text), '', n % 5000, 'EUR',
           lpad(to_hex(1 + n % 3000), 32, '0')::uuid,
           case when n % 4000 = 7 then '{ACCOUNT}'::uuid else md5(n::text)::uuid end,
           case when n % 12 = 7 then 'published' else 'draft' end,
           now() - n::bigint * 7919 % {MADE} * interval '1 minute'
    from generate_series(1, {MADE}) n
"""
ID = ACCOUNT
CATEGORY = UUID("00000000-0000-0000-0000-000000000777")
SHARED = [UUID(int=number * 2591 + 7) for number in range(50)]
VIEWERS = viewers([CATEGORY, UUID(int=2), UUID(int=3)], SHARED)

# What is asked in the tests below, by the name of the filter.
ASKED: dict[str, object] = {
    "owner_id": ID,
    "status": Status.PUBLISHED,
    "category_id": CATEGORY,
    "parent_id": CATEGORY,
    "external_id": "c7",
    "sku": "S-7",
    "skus": ["S-7", "S-8"],
    "lowest": Decimal(5),
    "highest": Decimal(90),
    "q": "00f",
    "tags": ["rare"],
    "brand_id": ID,
}


@pytest.fixture(scope="module")
def full_shop() -> Generator[TestDatabase]:
    """A database of its own, filled once."""
    made = new_database(f"catalog_plans_{os.getpid()}")
    asyncio.run(fill(made, CATEGORIES_MADE, PRODUCTS_MADE))
    yield made
    drop_database(made)


@pytest_asyncio.fixture
async def connection(full_shop: TestDatabase) -> AsyncGenerator[asyncpg.Connection]:
    """A connection to the full shop; what a test does to it is taken back."""
    opened = await asyncpg.connect(full_shop.owner_url)
    transaction = opened.transaction()
    await transaction.start()
    yield opened
    await transaction.rollback()
    await opened.close()


async def read_by(
    connection: asyncpg.Connection,
    listing: Listing[Any],
    sort: str,
    *filters: str,
    after: tuple[str, ...] = (),
    within: Condition = TRUE,
) -> Planner:
    """Return through what a list is read: indexes, and tables that are read whole for it."""
    planner = Planner(connection)
    where = {name: ASKED[name] for name in filters}
    part = Slice(limit=50, after=after)
    await listing.page(planner.reads, where, sort, part, within=within)
    return planner


# A page of fifty, and what is looked at beside it: of an owner, of a category, what was granted.
ENOUGH = 500


@pytest.mark.parametrize("sort", list(ProductSort))
@pytest.mark.parametrize("kind", VIEWERS)
async def test_what_somebody_is_shown_is_read_in_order_through_indexes(
    connection: asyncpg.Connection, kind: str, sort: str
) -> None:
    within = VIEWERS[kind].within()
    found = await read_by(connection, PRODUCTS, sort, within=within)
    assert not found.read_whole
    assert found.read < ENOUGH


@pytest.mark.parametrize("kind", VIEWERS)
async def test_a_page_in_the_middle_is_read_no_worse_than_the_first(
    connection: asyncpg.Connection, kind: str
) -> None:
    within = VIEWERS[kind].within()
    after = ("2500.000", str(ID))
    found = await read_by(connection, PRODUCTS, "-price", after=after, within=within)
    assert not found.read_whole
    assert found.read < ENOUGH


@pytest.mark.parametrize("kind", VIEWERS)
async def test_drafts_are_found_where_somebody_may_see_them(
    connection: asyncpg.Connection, kind: str
) -> None:
    within = VIEWERS[kind].within({"resource.status": "draft"})
    found = await read_by(connection, PRODUCTS, "-created_at", "status", within=within)
    assert not found.read_whole
    assert found.read < ENOUGH


@pytest.mark.parametrize("kind", VIEWERS)
async def test_what_somebody_is_shown_is_counted_up_to_a_bound(
    connection: asyncpg.Connection, kind: str
) -> None:
    planner = Planner(connection)
    assert await PRODUCTS.count(planner.reads, {}, within=VIEWERS[kind].within()) == 10_001
    assert planner.read < 20_000


LISTS = [
    ("-created_at", (), "ix_products_created_at_id"),
    ("name", (), "ix_products_name_id"),
    ("price", (), "ix_products_amount_id"),
    ("-created_at", ("status",), "ix_products_status_created_at_id"),
    ("-created_at", ("owner_id",), "ix_products_owner_id_created_at_id"),
    ("name", ("owner_id",), "ix_products_owner_id_name_id"),
    ("price", ("owner_id",), "ix_products_owner_id_amount_id"),
    ("price", ("status", "lowest", "highest"), "ix_products_status_amount_id"),
    ("-created_at", ("status", "sku"), "uq_products_sku"),
    ("-created_at", ("status", "skus"), "uq_products_sku"),
]


@pytest.mark.parametrize(("sort", "filters", "index"), LISTS)
async def test_a_list_of_products_is_read_through_its_index(
    connection: asyncpg.Connection, sort: str, filters: tuple[str, ...], index: str
) -> None:
    found = await read_by(connection, PRODUCTS, sort, *filters)
    assert not found.read_whole
    assert index in found.used
    assert found.read < ENOUGH


@pytest.mark.parametrize("sort", ["-created_at", "name", "price"])
@pytest.mark.parametrize("name", ["category_id", "q", "owner_id"])
async def test_subtrees_prefixes_and_owners_are_found_without_reading_the_table(
    connection: asyncpg.Connection, sort: str, name: str
) -> None:
    found = await read_by(connection, PRODUCTS, sort, "status", name)
    assert not found.read_whole
    if name == "category_id":
        assert any(one.startswith("ix_products_category_id_") for one in found.used)


async def test_a_prefix_has_an_index(connection: asyncpg.Connection) -> None:
    found = await read_by(connection, PRODUCTS, "-created_at", "q")
    assert not found.read_whole
    assert found.used & {"ix_products_lower_name", "ix_products_status_lower_name_id"}


async def test_one_product_is_read_by_its_key(connection: asyncpg.Connection) -> None:
    planner = Planner(connection)
    await ONE.first(planner.reads, id=ID)
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
    assert (await read_by(connection, CATEGORIES, sort, *filters)).used == {index}


async def test_a_part_of_the_tree_starts_at_its_parent(connection: asyncpg.Connection) -> None:
    planner = Planner(connection)
    await FROM_A_CATEGORY.plain.all(planner.reads, below=CATEGORY, depth=16)
    assert "ix_categories_parent_id_position_id" in planner.used
    assert len(await FROM_THE_TOP.plain.all(planner.reads, depth=16)) == 3000


@pytest.mark.parametrize("kind", VIEWERS)
async def test_what_is_in_the_tree_is_counted_going_through_the_products_once(
    connection: asyncpg.Connection, kind: str
) -> None:
    within = VIEWERS[kind].within()
    planner = Planner(connection)
    assert len(await read(planner.reads, below=None, depth=16, counted=within)) == 3000
    assert planner.read < MADE + 3 * 3000  # the products, and what the tree is made of
    planner = Planner(connection)
    assert len(await read(planner.reads, below=UUID(int=0x77), depth=1, counted=within)) == 10
    assert "Seq Scan on products" not in planner.used
    # The products below it are a twenty-seventh; of others at most entries of indexes are read.
    assert planner.read < MADE / 8


async def test_a_product_is_found_by_its_slug_through_indexes(
    connection: asyncpg.Connection,
) -> None:
    planner = Planner(connection)
    for locale in ("", "de"):
        await BY_SLUG.first(planner.reads, slug="quoin", locale=locale)
    assert not planner.read_whole
    assert {"uq_products_slug", "pk_translated_slugs"} <= planner.used


async def test_what_lies_in_the_trash_is_read_in_order(connection: asyncpg.Connection) -> None:
    planner = Planner(connection)
    await TRASH.page(planner.reads, {}, "-deleted_at", Slice(limit=50))
    assert planner.used == {"ix_products_deleted_at_id"}


async def test_products_of_a_tag_or_a_brand_are_found_without_reading_the_table(
    connection: asyncpg.Connection,
) -> None:
    for name in ("tags", "brand_id"):
        found = await read_by(connection, PRODUCTS, "-created_at", "status", name)
        assert not found.read_whole
