"""An application in which addresses have to be verified, and somebody who talks to it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from tests.identity.accounts.desk import Desk
from tests.kit.cluster import TestDatabase
from tests.kit.running import client_of, identity_settings, running
from tests.kit.smtp import Mailbox


@pytest_asyncio.fixture(scope="package")
async def strict(settings: PlatformSettings, mailbox: Mailbox) -> AsyncGenerator[FastAPI]:
    """The application as it comes: nobody signs in with an address they never verified."""
    strictly = identity_settings(require_verified_email=True, **mailbox.settings)
    async with running(settings, replace={IdentitySettings: strictly}) as started:
        yield started


@pytest_asyncio.fixture
async def desk(
    strict: FastAPI, mailbox: Mailbox, database: TestDatabase, clean: None
) -> AsyncGenerator[Desk]:
    """Somebody without an account, in front of it."""
    async with client_of(strict) as http:
        yield Desk(http, mailbox, database)


@pytest.fixture
def lenient(app: FastAPI, mailbox: Mailbox, database: TestDatabase, clean: None) -> Desk:
    """The same where everybody signs in at once."""
    return Desk(client_of(app), mailbox, database)
