"""The sessions that browsers keep in a cookie, as every request looks them up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KeptSession:
    """What a request with a cookie is checked against."""

    id: UUID
    account_id: UUID
    token_hash: bytes = field(repr=False)
    authenticated_at: datetime | None
    methods: list[str]
    impersonator_id: UUID | None
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    verified: bool = True


class KeptSessions(Protocol):
    """Finds sessions, outside any transaction."""

    async def of_family(self, family: UUID) -> KeptSession | None:
        """Return the session of a family, ended or not; one read by an index."""
        ...

    async def used(self, session_id: UUID, *, at: datetime) -> None:
        """Note that the session was used."""
        ...
