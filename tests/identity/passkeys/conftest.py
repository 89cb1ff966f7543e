"""An application whose clock the tests move."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest_asyncio
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.identity.ports.mail import Mailer
from shared_kernel.application import Clock
from tests.identity.passkeys.keyrings import Village
from tests.identity.second_factors.phones import Postbox
from tests.kit.cluster import TestDatabase
from tests.kit.identity import MovableClock
from tests.kit.running import running

Site = tuple[FastAPI, MovableClock, Postbox]


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
