"""An application whose every route can be asked with success."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.oidc import kept
from modules.identity.adapters.settings import IdentitySettings
from modules.identity.ports.mail import Mailer
from shared_kernel.application import Clock
from tests.identity.federation.browsers import federated
from tests.identity.postbox import Postbox
from tests.identity.statements.tour import Tour
from tests.identity.test_leaked_keys_http import PRIVATE, listed
from tests.identity.timed import database, settings
from tests.kit.cluster import TestDatabase
from tests.kit.identity import MovableClock
from tests.kit.odd_provider import odd_provider
from tests.kit.running import running
from tests.kit.work import watching

__all__ = ["database", "settings"]


@pytest_asyncio.fixture
async def tour(
    settings: PlatformSettings, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Tour]:
    """Somebody who is about to ask everything."""
    monkeypatch.setattr(kept, "GAP_SECONDS", 0.0)
    clock, post = MovableClock(datetime.now(UTC)), Postbox()
    async with odd_provider() as odd:
        known = federated({"odd": odd.settings()}, leak_report_keys=listed(one=PRIVATE))
        parts: dict[type[Any], Any] = {IdentitySettings: known, Clock: clock, Mailer: post}
        async with running(settings, replace=parts) as app:
            with watching(monkeypatch) as begin:
                made = Tour(app, clock, database, post, odd=odd, begin=begin)
                yield made
                await made.people.close()
