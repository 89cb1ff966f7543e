"""An application whose clock the tests move."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest_asyncio

from tests.identity.second_factors.phones import Town
from tests.identity.timed import Site, database, settings, site
from tests.kit.cluster import TestDatabase

__all__ = ["database", "settings", "site"]


@pytest_asyncio.fixture
async def town(site: Site, database: TestDatabase, clean: None) -> AsyncGenerator[Town]:
    app, clock, post = site
    made = Town(app, clock, database, post)
    yield made
    await made.people.close()
