"""Fixtures of the whole suite. One cluster per run, one database and application per worker."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, Generator, Mapping
from importlib.util import find_spec
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap import collector
from bootstrap.settings import PlatformSettings
from modules.access.adapters.memory import InMemoryAuthorizer
from modules.identity.adapters.settings import IdentitySettings
from shared_kernel.module import Services
from tests.kit.cluster import TestDatabase, begin_run, drop_database, end_run, new_database
from tests.kit.people import People
from tests.kit.running import (
    client_of,
    identity_settings,
    running,
    settings_for,
)
from tests.kit.smtp import Mailbox, receiving
from tests.kit.starting import end_forking
from tests.kit.sweeping import Sweeper


def pytest_configure(config: pytest.Config) -> None:
    collector.collect_seldom()
    look_for_no_other_loop()
    collector.leave_out_the_end()
    begin_run()


def look_for_no_other_loop() -> None:
    """Say once that there is no `sniffio`.

    The client would look for it all along the path with each request, a third of what that costs.
    """
    if find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]  # thus imports end at once


def pytest_xdist_auto_num_workers() -> int:
    """Run one worker more than there are cores: many tests wait for other processes."""
    return (os.cpu_count() or 1) + 1


def pytest_unconfigure(config: pytest.Config) -> None:
    end_forking()
    if not hasattr(config, "workerinput"):
        end_run()


@pytest.fixture(scope="session")
def database() -> Generator[TestDatabase]:
    """The worker's own database, migrated."""
    made = new_database(f"worker_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}")
    yield made
    drop_database(made)


@pytest.fixture(scope="session")
def settings(database: TestDatabase) -> PlatformSettings:
    """The settings of the worker's application."""
    return settings_for(database)


@pytest_asyncio.fixture(scope="session")
async def mailbox() -> AsyncGenerator[Mailbox]:
    """Where all mails of the worker's application arrive. Ask for those to one address."""
    async with receiving() as server:
        yield server


@pytest_asyncio.fixture(scope="session")
async def app(settings: PlatformSettings, mailbox: Mailbox) -> AsyncGenerator[FastAPI]:
    """The worker's application, running."""
    parts = {IdentitySettings: identity_settings(**mailbox.settings)}
    async with running(settings, replace=parts) as started:
        yield started


@pytest.fixture(scope="session")
def document(app: FastAPI) -> Mapping[str, Any]:
    """What the worker's application says of itself: made once, since that takes long."""
    return app.openapi()


@pytest_asyncio.fixture(scope="session")
async def sweepers() -> AsyncGenerator[dict[str, Sweeper]]:
    """One for each database: packages of tests may have their own."""
    made = dict[str, Sweeper]()
    yield made
    for one in made.values():
        one.close()


@pytest.fixture
def sweeper(database: TestDatabase, sweepers: dict[str, Sweeper]) -> Sweeper:
    """Takes back what tests leave in the database."""
    return sweepers.setdefault(database.owner_url, Sweeper(database.owner_url))


@pytest_asyncio.fixture
async def clean(sweeper: Sweeper) -> AsyncGenerator[None]:
    """Leave an empty database behind."""
    yield
    await sweeper.empty()


@pytest_asyncio.fixture
async def as_stored(app: FastAPI, clean: None) -> None:
    """Have the application forget what tests before let people do: that is gone from its tables."""
    services: Services = app.state.services
    await services.get(InMemoryAuthorizer).changed()


@pytest_asyncio.fixture
async def client(app: FastAPI, as_stored: None) -> AsyncGenerator[httpx2.AsyncClient]:
    """Somebody nobody knows, talking to the application."""
    async with client_of(app) as http:
        yield http


@pytest_asyncio.fixture
async def people(app: FastAPI, as_stored: None) -> AsyncGenerator[People]:
    """Makes accounts that use the application."""
    made = People(app)
    yield made
    await made.close()
