"""One application, the limits as they come."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest_asyncio

from bootstrap.settings import PlatformSettings
from tests.identity.throttle.towns import Town, town_of
from tests.kit.people import People, Person


@pytest_asyncio.fixture
async def town(settings: PlatformSettings, clean: None) -> AsyncGenerator[Town]:
    async with town_of(settings) as made:
        yield made


@pytest_asyncio.fixture
async def person(people: People) -> Person:
    return await people.register()
