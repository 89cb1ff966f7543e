"""Which sessions have ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID


class LiveSessions(Protocol):
    """Knows which sessions have ended, within two seconds wherever it happened."""

    async def require(self, session_id: UUID) -> None:
        """Raise SessionOver unless the session is live; Unavailable when that cannot be known."""
        ...

    def ended(self, session_ids: Sequence[UUID]) -> None:
        """Refuse these sessions from now on, here at once and elsewhere soon. After the commit."""
        ...


class SessionRecords(Protocol):
    """What is stored about ended sessions, read outside any transaction."""

    async def ended_since(self, moment: datetime) -> Sequence[tuple[UUID, datetime]]:
        """Return the sessions that ended at or after the moment, and when."""
        ...

    async def has_ended(self, session_id: UUID) -> bool:
        """Say whether one session has ended or was never there."""
        ...
