"""Doubles for the sessions that browsers keep in a cookie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from modules.identity.ports.cookies import KeptSession
from tests.kit.identity import IdentityInMemory


@dataclass
class KeptSessionsInMemory:
    """The sessions of a store."""

    store: IdentityInMemory

    async def of_family(self, family: UUID) -> KeptSession | None:
        for one in self.store.kept_sessions.values():
            if one.family == family:
                return KeptSession(
                    one.id,
                    one.account_id,
                    one.refresh_hash,
                    one.authenticated_at,
                    one.methods,
                    one.impersonator_id,
                    one.last_used_at,
                    one.expires_at,
                    one.ended_at,
                )
        return None

    async def used(self, session_id: UUID, *, at: datetime) -> None:
        session = self.store.kept_sessions[session_id]
        session.last_used_at = max(session.last_used_at, at)
