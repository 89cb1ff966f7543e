"""An application whose clock the tests move and whose mails they read, for a package of its own.

Each `conftest.py` that names these fixtures gets its own database and application: another one in
the same worker would deliver our events, and send our mails.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.identity.ports.mail import Mailer
from shared_kernel.application import Clock
from tests.identity.postbox import Postbox
from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.identity import MovableClock
from tests.kit.people import People
from tests.kit.running import running, settings_for

_numbers = itertools.count()


@dataclass
class Place:
    """One application, and the time in it."""

    app: FastAPI
    clock: MovableClock
    database: TestDatabase
    post: Postbox
    people: People = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.app)

    async def rows(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """Ask the database."""
        connection = await asyncpg.connect(self.database.owner_url)
        try:
            return await connection.fetch(statement, *values)
        finally:
            await connection.close()


Site = tuple[FastAPI, MovableClock, Postbox]


@pytest.fixture(scope="package")
def database() -> Generator[TestDatabase]:
    """A database of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    made = new_database(f"timed_{worker}_{os.getpid()}_{next(_numbers)}")
    yield made
    drop_database(made)


@pytest.fixture(scope="package")
def settings(database: TestDatabase) -> PlatformSettings:
    return settings_for(database)


@pytest_asyncio.fixture(scope="package")
async def site(settings: PlatformSettings) -> AsyncGenerator[Site]:
    clock, post = MovableClock(datetime.now(UTC)), Postbox()
    async with running(settings, replace={Clock: clock, Mailer: post}) as app:
        yield app, clock, post
