"""An application of its own: what is tested here changes roles, and looks at all there is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator

import pytest
import pytest_asyncio
from fastapi import FastAPI

from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.people import People, Person
from tests.kit.running import running, settings_for


@pytest.fixture(scope="package")
def store(worker_id: str) -> Generator[TestDatabase]:
    """A database for the tests of this package."""
    made = new_database(f"idempotency_{worker_id}")
    yield made
    drop_database(made)


@pytest_asyncio.fixture(scope="package")
async def shop(store: TestDatabase) -> AsyncGenerator[FastAPI]:
    """An application over it, which delivers no events: they stay where they can be counted."""
    async with running(settings_for(store, relay=False)) as started:
        yield started


@pytest_asyncio.fixture
async def admin(shop: FastAPI) -> AsyncGenerator[Person]:
    """Somebody who may do everything."""
    people = People(shop)
    yield await people.register("administrator")
    await people.close()
