"""Who may leave, where nobody administers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from shared_kernel.domain import AccountId


class AnybodyMayLeave:
    """Lets everybody go (port `Departures`)."""

    @asynccontextmanager
    async def allowed(self, account_id: AccountId) -> AsyncGenerator[None]:
        yield
