"""An application whose clock the tests move."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Generator
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.identity.ports.mail import Mailer
from shared_kernel.application import Clock
from tests.identity.passkeys.keyrings import Village
from tests.identity.second_factors.phones import Postbox
from tests.kit.cluster import TestDatabase, drop_database, new_database
from tests.kit.identity import MovableClock
from tests.kit.running import running, settings_for

Site = tuple[FastAPI, MovableClock, Postbox]


@pytest.fixture(scope="package")
def database() -> Generator[TestDatabase]:
    """A database of its own: the worker's other application would send our mails."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    made = new_database(f"passkeys_{worker}_{os.getpid()}")
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


@pytest_asyncio.fixture
async def village(site: Site, database: TestDatabase, clean: None) -> AsyncGenerator[Village]:
    app, clock, post = site
    made = Village(app, clock, database, post)
    yield made
    await made.people.close()
