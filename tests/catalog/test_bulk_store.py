"""Imports of several thousand rows on PostgreSQL: what is stored, and who hears of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import AbstractAsyncContextManager

import asyncpg
import pytest_asyncio

from modules.audit.adapters.sql import SqlAuditWriter
from modules.catalog import ports
from modules.catalog.adapters.sql import CatalogUnitOfWork
from modules.catalog.application.guarding import guard_of_products
from modules.catalog.application.importing.flows import TakeRows, Terms
from modules.catalog.application.importing.report import ImportReport
from modules.catalog.ports import SourceRow
from shared_kernel.adapters.outbox import SqlOutbox, Subscribers
from shared_kernel.adapters.sql import Database
from tests.kit.catalog import OwnRules, StoppedClock, row
from tests.kit.catalog_bulk import no_pause
from tests.kit.cluster import TestDatabase

MANY = 2_500
HEARD = "select kind, count(*) from platform.outbox group by kind order by kind"
NOTED = """
    select c.old_amount, c.amount, count(*) from catalog.price_changes c
    join catalog.products p on p.id = c.product_id group by 1, 2
"""
STORED = "select count(*), sum(version), count(distinct name) from catalog.products"


class Warehouse:
    """The catalog on PostgreSQL, with somebody who listens, or nobody."""

    def __init__(self, database: Database, connection: asyncpg.Connection) -> None:
        self._database, self._connection = database, connection
        self.listening: Subscribers = {}
        self.signals: list[str] = []

    async def take(self, rows: Iterable[SourceRow], terms: Terms = Terms()) -> ImportReport:  # noqa: B008 - frozen
        outbox, writer = SqlOutbox(self.listening, self.signals.append), SqlAuditWriter()

        def begin() -> AbstractAsyncContextManager[ports.CatalogUnitOfWork]:
            return CatalogUnitOfWork(self._database, outbox, writer)

        take = TakeRows(
            begin,
            StoppedClock(),
            guard_of_products(OwnRules({})),
            no_pause,
            "en",
        )
        return await take(list(rows), terms)

    async def asked(self, sql: str) -> list[tuple[object, ...]]:
        return [tuple(one) for one in await self._connection.fetch(sql)]

    async def counted(self, sql: str) -> dict[str, int]:
        return {str(name): int(n) for name, n in await self._connection.fetch(sql)}


@pytest_asyncio.fixture
async def warehouse(database: TestDatabase, clean: None) -> AsyncGenerator[Warehouse]:
    opened = Database(database.app_url)
    connection = await asyncpg.connect(database.owner_url)
    yield Warehouse(opened, connection)
    await connection.close()
    await opened.close()


def products(count: int = MANY, **members: object) -> list[SourceRow]:
    return [
        row(n, **{"sku": f"S-{n}", "name": f"Sett {n}", "price": "4.99", **members})
        for n in range(1, count + 1)
    ]


async def test_thousands_come_in_change_and_stay(warehouse: Warehouse) -> None:
    assert (await warehouse.take(products())).products.created == MANY
    assert await warehouse.asked(STORED) == [(MANY, MANY, MANY)]
    report = await warehouse.take(products(currency="EUR", category="setts"))
    assert (report.products.changed, report.categories.created) == (MANY, 1)
    assert await warehouse.asked(STORED) == [(MANY, 2 * MANY, MANY)]
    shown = "select distinct currency, amount, status, published_at is null from catalog.products"
    assert [tuple(map(str, one)) for one in await warehouse.asked(shown)] == [
        ("EUR", "4.990", "published", "False")
    ]
    report = await warehouse.take(products(currency="EUR"))
    assert (report.products.unchanged, report.products.written) == (MANY, 0)


async def test_a_sku_that_comes_back_thousands_of_rows_later_is_refused(
    warehouse: Warehouse,
) -> None:
    rows = [*products(), row(MANY + 1, sku="S-7", name="Other", price="1")]
    report = await warehouse.take(rows)
    assert [(one.row, one.message, one.code) for one in report.faults.in_order()] == [
        (MANY + 1, "repeats the sku of row 7", "catalog.row_repeated")
    ]
    assert await warehouse.asked(STORED) == [(0, None, 0)]
    report = await warehouse.take(rows, Terms(skip_invalid=True))
    assert (report.written, report.products.created) == (True, MANY)
    assert await warehouse.asked("select count(*) from catalog.imported_skus") == [(0,)]
    assert (await warehouse.take(products())).products.unchanged == MANY


async def test_one_event_and_one_line_in_the_audit_log_tell_of_an_import_nobody_listens_to(
    warehouse: Warehouse,
) -> None:
    told = (
        "select action, count(*) from audit.events where action like 'catalog.Product%' group by 1"
    )
    before = await warehouse.counted(told)
    await warehouse.take(products(20))
    assert await warehouse.asked(HEARD) == [("catalog.ProductsImported", 1)]
    after = await warehouse.counted(told)
    assert {kind: n for kind, n in after.items() if n != before.get(kind)} == {
        "catalog.ProductsImported": before.get("catalog.ProductsImported", 0) + 1
    }
    body = "select body->>'created', body->>'changed' from platform.outbox"
    assert await warehouse.asked(body) == [("20", "0")]


async def test_who_listens_hears_of_every_product(warehouse: Warehouse) -> None:
    warehouse.listening = {"catalog.ProductPublished": ["search.Index"]}
    await warehouse.take(products(1_200))
    assert await warehouse.asked(HEARD) == [
        ("catalog.ProductPublished", 1_200),
        ("catalog.ProductsImported", 1),
    ]
    due = "select subscriber, count(*) from platform.deliveries group by 1"
    assert await warehouse.asked(due) == [("search.Index", 1_200)]
    assert warehouse.signals


async def test_every_new_price_is_noted_and_told_to_those_who_listen(warehouse: Warehouse) -> None:
    await warehouse.take(products(1_200))
    warehouse.listening = {"catalog.PriceChanged": ["search.Index"]}
    await warehouse.take(products(1_200, price="5.25"))
    assert ("catalog.PriceChanged", 1_200) in await warehouse.asked(HEARD)
    assert [tuple(map(str, one)) for one in await warehouse.asked(NOTED)] == [
        ("4.990", "5.250", "1200")
    ]


async def test_nobody_hears_of_an_import_that_came_to_nothing(warehouse: Warehouse) -> None:
    warehouse.listening = {"catalog.ProductPublished": ["search.Index"]}
    report = await warehouse.take([*products(1_200), row(1_201, sku="", name="", price="")])
    assert not report.written
    assert await warehouse.asked(HEARD) == []
    assert warehouse.signals == []
