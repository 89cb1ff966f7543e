"""Shows what somebody may read in every way there is, and compares it with single decisions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import asyncpg

from benchmarks.one_policy.worlds import ADDRESS, PRODUCT_COLUMNS, World, caller_of, world
from modules.catalog.adapters.sql import ATTRIBUTES, SqlProductQueries
from modules.catalog.application.guarding import ACTIONS, ProductGuard, guard_of_products
from modules.catalog.application.queries import ProductFilter, ProductSort, ProductView
from modules.catalog.application.showing import ShowProducts
from modules.catalog.domain.product import NoSuchProduct, Status
from shared_kernel.adapters.sql import Database, SqlGuardedObjects
from shared_kernel.application import Authorizer, Caller, Origin, Slice, origin
from shared_kernel.application.conditions import Facts
from shared_kernel.application.resources import NOTHING

CALLERS_OF_A_WORLD = 2
SHELVES = [UUID(int=number) for number in (1, 2, 3)]

Actions = Mapping[UUID, Sequence[str]]


@dataclass(slots=True)
class Counts:
    """What came of it: decisions on one object, lists read in full, objects they showed."""

    worlds: int = 0
    callers: int = 0
    decisions: int = 0
    allowed: int = 0
    lists: int = 0
    shown: int = 0
    differences: int = 0


async def compare(
    database: Database, url: str, seeds: range, *, sorts: int
) -> tuple[Counts, list[str]]:
    """Return the counts, and each difference in words.

    `url` may write what the worlds hold; products that are there are removed. So many orders are
    read for each caller.
    """
    origin.set(Origin(request_id="-", address=ADDRESS))
    counts, told = Counts(), list[str]()
    connection = await asyncpg.connect(url)
    try:
        await shelve(connection)
        for seed in seeds:
            here = world(seed, SHELVES)
            await fill(connection, here)
            for _ in range(CALLERS_OF_A_WORLD):
                found = _Looking(database, here, caller_of(here), counts)
                told += [f"seed {seed}: {one}" async for one in found.differences(sorts)]
            counts.worlds += 1
    finally:
        await connection.close()
    counts.differences = len(told)
    return counts, told


async def shelve(connection: asyncpg.Connection) -> None:
    for number, shelf in enumerate(SHELVES):
        await connection.execute(
            "insert into catalog.categories (id, version, name, position, created_at)"
            " values ($1, 1, 'Shelf', $2, now()) on conflict do nothing",
            shelf,
            number,
        )


async def fill(connection: asyncpg.Connection, here: World) -> None:
    await connection.execute("delete from catalog.products")
    await connection.copy_records_to_table(
        "products", schema_name="catalog", columns=PRODUCT_COLUMNS, records=here.products
    )


class _Looking:
    """One caller who looks at one world."""

    def __init__(
        self, database: Database, here: World, caller: Caller | None, counts: Counts
    ) -> None:
        self._authorizer: Authorizer = here.in_force()
        self._guard: ProductGuard = guard_of_products(self._authorizer)
        self._shown = ShowProducts(SqlProductQueries(database), self._guard)
        self._objects = SqlGuardedObjects(database, ATTRIBUTES)
        self._ids = [UUID(str(row[0])) for row in here.products]
        self._random, self._caller, self._counts = here.random, caller, counts

    async def differences(self, sorts: int) -> AsyncIterator[str]:
        """Yield what does not agree with the decisions on each object by itself."""
        stored = await self._objects.attributes(self._ids)
        decided = {id: self._decided(facts) for id, facts in stored.items()}
        self._counts.callers += 1
        async for name, got, expected in self._compared(stored, decided, sorts):
            if got != expected:
                yield f"{name} for {self._caller}: {got}, and not {expected}"

    def _decided(self, facts: Facts) -> Sequence[str]:
        allows = self._authorizer.allows
        allowed = [
            one.name.rpartition(".")[2] for one in ACTIONS if allows(self._caller, one.name, facts)
        ]
        self._counts.decisions += len(ACTIONS)
        self._counts.allowed += len(allowed)
        return allowed

    async def _compared(
        self, stored: Mapping[UUID, Facts], decided: Actions, sorts: int
    ) -> AsyncIterator[tuple[str, object, object]]:
        yield "the objects there are", {*stored}, {*self._ids}
        readable = {id: actions for id, actions in decided.items() if "read" in actions}
        for action in ACTIONS:
            condition = self._authorizer.condition(self._caller, action.name, NOTHING)
            found = await self._objects.matching(condition, limit=1000)
            wanted = {id for id, one in decided.items() if action.name.rpartition(".")[2] in one}
            yield f"those to {action.name}", sorted(found), sorted(wanted)
        for sort in self._random.sample(list(ProductSort), sorts):
            where = self._filter(stored)
            seen = {id: one for id, one in readable.items() if _meets(where, stored[id])}
            views, totals = await self._listed(where, sort)
            yield f"{where} by {sort}", [one.id for one in views], _sorted(views, sort)
            yield f"{where} by {sort}", {one.id: one.allowed_actions for one in views}, seen
            yield f"how many {where}", totals, {len(seen)}
            for view in views:
                yield "facts of a view", self._guard.facts(view), stored[view.id]
        for id in self._random.sample(self._ids, 4):
            yield f"product {id}", await self._one(id), readable.get(id)

    async def _listed(
        self, where: ProductFilter, sort: ProductSort
    ) -> tuple[Sequence[ProductView], set[int]]:
        """Return all that is on all pages, and what the pages say how much that is."""
        views: list[ProductView] = []
        totals: set[int] = set()
        after: tuple[str, ...] | None = ()
        limit = self._random.randint(1, 12)
        while after is not None:
            part = Slice(limit=limit, after=after, counted=not totals)
            page = await self._shown.listed(self._caller, where, sort, part, with_actions=True)
            views += page.items
            totals |= {page.total.count} if page.total is not None else set()
            after = page.last
        self._counts.lists += 1
        self._counts.shown += len(views)
        return views, totals

    async def _one(self, id: UUID) -> Sequence[str] | None:
        try:
            return (await self._shown.one(self._caller, id, with_actions=True)).allowed_actions
        except NoSuchProduct:
            return None

    def _filter(self, stored: Mapping[UUID, Facts]) -> ProductFilter:
        """Return what fixes one attribute, two, or none."""
        some: Any = self._random.choice(list(stored.values()))
        asked: dict[str, Any] = {}
        if self._random.random() < 0.3:
            asked["status"] = Status(some["resource.status"])
        if self._random.random() < 0.2:
            asked["owner_id"] = self._caller.id if self._caller else some["resource.owner_id"]
        if self._random.random() < 0.15:
            asked["currency"] = some["resource.currency"]
        if self._random.random() < 0.15:
            asked["category_id"] = some["resource.category_id"]
        if self._random.random() < 0.05:
            asked["sku"] = some["resource.sku"]
        if self._random.random() < 0.1:
            asked["tags"] = sorted(some["resource.tags"])
        return ProductFilter(**asked)


def _meets(where: ProductFilter, facts: Facts) -> bool:
    if not {*(where.tags or ())} <= cast("frozenset[str]", facts["resource.tags"]):
        return False
    asked = {
        "resource.status": where.status,
        "resource.owner_id": where.owner_id,
        "resource.currency": where.currency,
        "resource.category_id": where.category_id,
        "resource.sku": where.sku,
    }
    return all(value is None or facts[path] == value for path, value in asked.items())


def _sorted(views: Sequence[ProductView], sort: ProductSort) -> list[UUID]:
    """Return the ids in the order asked for. How texts are ordered is the database's to say."""
    if sort.removeprefix("-") == "name":
        return [one.id for one in views]
    key = _priced if sort.removeprefix("-") == "price" else _made
    return [one.id for one in sorted(views, key=key, reverse=sort.startswith("-"))]


def _made(view: ProductView) -> tuple[Any, UUID]:
    return view.created_at, view.id


def _priced(view: ProductView) -> tuple[Any, UUID]:
    return Decimal(view.price.amount), view.id
