"""What the contracts of stores are tried on."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio

from modules.audit.adapters.sql import SqlAuditWriter
from modules.catalog.adapters.sql import CatalogUnitOfWork
from modules.catalog.ports import Transaction
from shared_kernel.adapters.outbox import SqlOutbox
from shared_kernel.adapters.sql import Database
from tests.kit.catalog import FakeCatalog
from tests.kit.cluster import TestDatabase


@pytest_asyncio.fixture
async def opened(database: TestDatabase, clean: None) -> AsyncGenerator[Database]:
    """The worker's database, with the rights of the application."""
    made = Database(database.app_url)
    yield made
    await made.close()


@pytest.fixture(params=["fake", "postgresql"])
def begin(request: pytest.FixtureRequest) -> Transaction:
    """Begin a transaction of the catalogue, in memory and in the database."""
    if request.param == "fake":
        return FakeCatalog().begin
    opened: Database = request.getfixturevalue("opened")
    outbox, writer = SqlOutbox({}, lambda topic: None), SqlAuditWriter()
    return lambda: CatalogUnitOfWork(opened, outbox, writer)
