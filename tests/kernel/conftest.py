"""The garden, once per file: a database, and one process's view of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator

import pytest
import pytest_asyncio

from tests.kernel.garden import Garden, opened, planted
from tests.kit.cluster import TestDatabase


@pytest.fixture(scope="module")
def ground() -> Generator[TestDatabase]:
    """A database of its own: its relay and its pools are nobody else's."""
    with planted() as made:
        yield made


@pytest_asyncio.fixture
async def garden(ground: TestDatabase) -> AsyncGenerator[Garden]:
    """One process in the garden. It leaves nothing undelivered."""
    async with opened(ground) as made:
        yield made
        async with made.database.session.begin() as session:
            await session.connection()
            for table in ("platform.outbox", "platform.inbox", "garden.deeds"):
                await (await session.connection()).exec_driver_sql(f"delete from {table}")
