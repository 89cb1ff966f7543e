"""What the contracts of stores are tried on."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest_asyncio

from shared_kernel.adapters.sql import Database
from tests.kit.cluster import TestDatabase


@pytest_asyncio.fixture
async def opened(database: TestDatabase, clean: None) -> AsyncGenerator[Database]:
    """The worker's database, with the rights of the application."""
    made = Database(database.app_url)
    yield made
    await made.close()
