"""Searches and suggestions are read through indexes, whoever looks, on 60,000 products."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Generator
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from benchmarks.viewers import ACCOUNT, viewers
from modules.catalog.adapters.sql import SqlFindingQueries
from modules.catalog.adapters.sql.product_queries import LIST as PRODUCTS
from modules.catalog.adapters.sql.product_queries import conditions_of
from modules.catalog.application.finding.narrowing import filters_on_attributes
from modules.catalog.application.queries import ProductFilter
from modules.catalog.domain.attributes import AttributeKind
from modules.catalog.domain.product import Status
from shared_kernel.adapters.sql import Database
from shared_kernel.application import Slice
from shared_kernel.application.conditions import TRUE
from tests.catalog.filling import fill
from tests.catalog.planner import Planner, scans_of
from tests.kit.cluster import TestDatabase, drop_database, new_database

pytestmark = pytest.mark.xdist_group("finding-plans")  # filled once

# The words of each are made once for all that have the same: the trigger would take half a minute.
DEFINED = """
    insert into catalog.attributes (id, version, category_id, code, label, kind, options, required,
                                    filterable, position)
    select gen_random_uuid(), 1, lpad(to_hex(n), 32, '0')::uuid, code, code, kind, '{}', false,
           true, 0
    from generate_series(1, 10) n, (values ('color', 'text'), ('weight', 'number')) a (code, kind)
"""
WORDS = """
    create temp table words as
    select n, name, setweight(to_tsvector('catalog.english', name), 'A')
                    || setweight(to_tsvector('catalog.simple', name), 'C')
                    || to_tsvector('catalog.english', 'A tool made by hand') as search
    from (
        select n, format('%s %s %s', (array['Red','Blue','Heavy','Light','Fine'])[1 + n % 5],
            (array['limestone','granite','marble','slate','oak','beech','steel'])[1 + n % 7],
            (array['chisel','hammer','mallet','saw','plane','file','clamp','drill','lamp','chair',
                   'table'])[1 + n % 11]) as name
        from generate_series(0, 384) n
    ) named
"""
COLUMNS = ("id", "version", "sku", "slug", "name", "description", "amount", "currency",
           "owner_id", "status", "created_at", "search", "plain_name", "attributes",
           "category_id")  # fmt: skip
ROWS = f"""
    select lpad(to_hex(i), 32, '0')::uuid, 1, 'S-' || i, 's-' || i, w.name, '', i % 5000, 'EUR',
           case when i % 4000 = 7 then '{ACCOUNT}'::uuid else md5(i::text)::uuid end,
           case when i % 12 = 7 then 'published' else 'draft' end,
           now() - i * interval '1 minute', w.search, lower(w.name),
           jsonb_build_object('color', 'c' || i % 3000, 'weight', i % 100),
           lpad(to_hex(11 + i % 2990), 32, '0')::uuid
    from generate_series(1, 60000) i join words w on w.n = i % 385
"""
CATEGORIES = [UUID(int=777), UUID(int=2), UUID(int=3)]
SHARED = [UUID(int=number * 1189 + 7) for number in range(50)]
VIEWERS = viewers(CATEGORIES, SHARED)
SHELVES = """
    insert into catalog.categories (id, version, name, parent_id, position, created_at)
    select lpad(to_hex(n), 32, '0')::uuid, 1, 'Shelf ' || n,
           case when n > 10 then lpad(to_hex(n / 10), 32, '0')::uuid end, n % 7, now()
    from generate_series(1, 3000) n
"""


@pytest.fixture(scope="module")
def full_shop() -> Generator[TestDatabase]:
    """A database of its own, filled once."""
    made = new_database(f"catalog_finding_{os.getpid()}")
    products = f"insert into catalog.products ({', '.join(COLUMNS)}) {ROWS}"
    asyncio.run(fill(made, ";".join((SHELVES, DEFINED, WORDS)), products))
    yield made
    drop_database(made)


@pytest_asyncio.fixture
async def connection(full_shop: TestDatabase) -> AsyncGenerator[asyncpg.Connection]:
    opened = await asyncpg.connect(full_shop.app_url)
    yield opened
    await opened.close()


class Looking(Database):
    """A database whose reads are explained."""

    def __init__(self, planner: Planner) -> None:
        self.reads = planner.reads


# The tree, whose size is bounded, may be read whole to find what stands below a category.
SMALL = "Seq Scan on categories"

# What is ranked, once in each way in which it is shown, what resembles, and a page.
MOST_FETCHED = 10_000

NARROWED = {
    "": ProductFilter(),
    "published": ProductFilter(status=Status.PUBLISHED),
    "on a shelf": ProductFilter(category_id=CATEGORIES[0]),
    "of an owner": ProductFilter(owner_id=ACCOUNT),
}


@pytest.mark.parametrize("where", NARROWED)
@pytest.mark.parametrize("kind", VIEWERS)
async def test_a_search_is_read_through_indexes(
    connection: asyncpg.Connection, kind: str, where: str
) -> None:
    planner = Planner(connection)
    finding = SqlFindingQueries(Looking(planner))
    within = VIEWERS[kind].within()
    for q in ("tool", "red chisel", "S-7", "the", "chisle"):
        await finding.search(q, NARROWED[where], Slice(limit=50), within=within)
    assert planner.read_whole <= {SMALL}
    assert planner.fetched < MOST_FETCHED


async def test_whoever_may_read_everything_searches_through_the_words(
    connection: asyncpg.Connection,
) -> None:
    planner = Planner(connection)
    finding = SqlFindingQueries(Looking(planner))
    page = await finding.search("made tool", ProductFilter(), Slice(limit=50), within=TRUE)
    await finding.search(
        "tool", ProductFilter(), Slice(limit=50, after=page.last or ()), within=TRUE
    )
    assert not planner.read_whole
    assert "ix_products_status_search" in planner.used


@pytest.mark.parametrize("kind", VIEWERS)
async def test_suggestions_are_read_through_indexes(
    connection: asyncpg.Connection, kind: str
) -> None:
    planner = Planner(connection)
    finding = SqlFindingQueries(Looking(planner))
    for q in ("r", "red lime", "chis", "zzz"):
        found = await finding.suggestions(
            q, ProductFilter(), limit=10, within=VIEWERS[kind].within()
        )
        assert bool(found) is (q != "zzz")
    assert not planner.read_whole


@pytest.mark.parametrize("kind", VIEWERS)
async def test_facets_are_counted_through_indexes(
    connection: asyncpg.Connection, kind: str
) -> None:
    planner = Planner(connection)
    finding = SqlFindingQueries(Looking(planner))
    within = VIEWERS[kind].within()
    for q in (None, "red chisel", "chisle"):
        assert (await finding.facets(q, ProductFilter(), within=within)).items
    assert planner.read_whole <= {SMALL, "Seq Scan on attributes"}  # what the tree defines


@pytest.mark.parametrize("kind", VIEWERS)
async def test_attributes_are_filtered_through_an_index(
    connection: asyncpg.Connection, kind: str
) -> None:
    planner = Planner(connection)
    asked = filters_on_attributes([("attributes.color", "c7"), ("attributes.weight", "7")])
    kinds = [AttributeKind.TEXT, AttributeKind.NUMBER]
    condition = " && ".join(one.predicate(kinds) for one in asked)
    where = conditions_of(ProductFilter(attributes=condition))
    part = Slice(limit=50)
    await PRODUCTS.page(planner.reads, where, "-created_at", part, within=VIEWERS[kind].within())
    assert not planner.read_whole
    assert "ix_products_attributes" in planner.used


async def test_what_resembles_is_looked_up_in_an_index(connection: asyncpg.Connection) -> None:
    body: str = await connection.fetchval(
        "select prosrc from pg_proc where oid = 'catalog.resembling(text, int)'::regprocedure"
    )
    await connection.execute("set pg_trgm.word_similarity_threshold = 0.4")
    asked = body.replace("asked", "'chisle'").replace("most", "1000")
    told = await connection.fetchval(f"explain (analyze, format json) {asked}")
    names = {name for name, _ in scans_of(json.loads(told)[0]["Plan"])}
    assert names == {"ix_products_status_plain_name"}
