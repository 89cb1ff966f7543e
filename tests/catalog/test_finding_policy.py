"""What somebody may not read is found by nobody like them: in no result, suggestion or count.

The same random worlds in which lists are compared with single decisions.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from benchmarks.one_policy.comparison import SHELVES, fill, shelve
from benchmarks.one_policy.worlds import ADDRESS, World, caller_of, world
from modules.catalog.adapters.sql import ATTRIBUTES, SqlFindingQueries
from modules.catalog.adapters.sql.finding import candidates
from modules.catalog.application.finding.finding import FindProducts
from modules.catalog.application.guarding import guard_of_products
from modules.catalog.application.queries import ProductFilter
from modules.catalog.public import PRODUCTS_READ
from shared_kernel.adapters.sql import Database, SqlGuardedObjects
from shared_kernel.adapters.sql.conditions import ways_of
from shared_kernel.application import Caller, Origin, Slice, origin
from shared_kernel.application.conditions import Condition
from tests.kit.cluster import TestDatabase

EVERYTHING = ProductFilter()

# A name of its own for each, and words that all have: one to be found by, one to be resembled.
NAMED = """
    update catalog.products set name = 'Limestone n' || replace(id::text, '-', ''),
                                description = 'common'
"""


@pytest_asyncio.fixture
async def opened(database: TestDatabase, clean: None) -> AsyncGenerator[Database]:
    made = Database(database.app_url)
    yield made
    await made.close()


class Looking:
    """One caller who looks for everything there is in one world."""

    def __init__(self, database: Database, here: World, caller: Caller | None) -> None:
        self.here, self.caller = here, caller
        self.authorizer = here.in_force()
        self.find = FindProducts(SqlFindingQueries(database), guard_of_products(self.authorizer))
        self.objects = SqlGuardedObjects(database, ATTRIBUTES)

    async def readable(self) -> set[UUID]:
        """Return what they may read, decided one by one."""
        stored: Mapping[UUID, Any] = await self.objects.attributes(
            [UUID(str(row[0])) for row in self.here.products]
        )
        allows = self.authorizer.allows
        return {
            id for id, facts in stored.items() if allows(self.caller, PRODUCTS_READ.name, facts)
        }

    async def found(self, q: str) -> tuple[set[UUID], int]:
        """Return what is found on all pages, and how much is said to be."""
        ids: list[UUID] = []
        part = Slice(limit=7, counted=True)
        while True:
            page = await self.find.search(self.caller, q, EVERYTHING, part)
            ids += [hit.product.id for hit in page.items]
            if page.last is None:
                break
            part = Slice(limit=7, after=page.last, counted=True)
        assert len(ids) == len({*ids})
        return {*ids}, page.total.count if page.total else -1

    async def counted(self, q: str) -> int:
        """Return of how many products facets are told, all in all and of a search."""
        every = await self.find.facets(self.caller, None, EVERYTHING)
        found = await self.find.facets(self.caller, q, EVERYTHING)
        assert found == every
        return found.total

    async def suggested(self, q: str) -> set[str]:
        names = await self.find.suggestions(self.caller, q, EVERYTHING, limit=1000)
        return {one.name for one in names}


async def faults(looking: Looking, may: set[UUID], names: set[str]) -> AsyncIterator[str]:
    """Yield what is not as the decisions on each product say."""
    for q in ("common", "limestone", "limetsone"):
        if await looking.counted(q) != len(may):
            yield f"facets of {q}"
        if await looking.found(q) != (may, len(may)):
            yield f"search for {q}"
    for q, expected in (("lime", names), ("li", names), ("n", set[str]())):
        if await looking.suggested(q) != expected:
            yield f"suggestions for {q}"
    hidden = {UUID(str(row[0])) for row in looking.here.products} - may
    for id in [*hidden][:3]:
        if await looking.suggested(f"n{id.hex[:8]}") - names:
            yield "a hidden name is suggested"


async def differences(database: Database, url: str, seeds: range) -> tuple[int, list[str]]:
    """Return how many products were found, and where that was not what may be read."""
    origin.set(Origin(request_id="-", address=ADDRESS))
    connection = await asyncpg.connect(url)
    told, count = list[str](), 0
    try:
        await shelve(connection)
        for seed in seeds:
            here = world(seed, SHELVES)
            await fill(connection, here)
            await connection.execute(NAMED)
            looking = Looking(database, here, caller_of(here))
            may = await looking.readable()
            names = {f"Limestone n{id.hex}" for id in may}
            count += len(may)
            told += [f"seed {seed}: {one}" async for one in faults(looking, may, names)]
    finally:
        await connection.close()
    return count, told


async def test_what_is_found_is_what_may_be_read(opened: Database, database: TestDatabase) -> None:
    count, told = await differences(opened, database.owner_url, range(25))
    assert told == []
    assert count > 200


def without_one_way(condition: Condition) -> tuple[Condition, ...]:
    return ways_of(condition)[-1:]


async def test_the_comparison_would_find_a_fault(
    opened: Database, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "ways_of", without_one_way)
    assert (await differences(opened, database.owner_url, range(10)))[1] != []
