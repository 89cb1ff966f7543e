"""Sessions kept in cookies, read from `identity.sessions`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, update

from modules.identity.adapters.sql.reads import IS_VERIFIED
from modules.identity.adapters.sql.tables import accounts, sessions
from modules.identity.ports.cookies import KeptSession
from shared_kernel.adapters.sql import Database, Query

OF_FAMILY = Query(
    select(
        sessions.c.id,
        sessions.c.account_id,
        sessions.c.refresh_hash,
        sessions.c.authenticated_at,
        sessions.c.methods,
        sessions.c.impersonator_id,
        sessions.c.last_used_at,
        sessions.c.expires_at,
        sessions.c.ended_at,
        IS_VERIFIED,
    )
    .join(accounts, accounts.c.id == sessions.c.account_id)
    .where(sessions.c.family == bindparam("family", type_=Uuid())),
    KeptSession,
)


class SqlKeptSessions:
    """Reads through the read pool; a use is noted in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_family(self, family: UUID) -> KeptSession | None:
        """Return the session of a family, ended or not."""
        return await OF_FAMILY.first(self._database.reads, family=family)

    async def used(self, session_id: UUID, *, at: datetime) -> None:
        """Note that the session was used. Of requests that say so at once the latest counts."""
        later = sessions.c.last_used_at < at
        noted = update(sessions).where(sessions.c.id == session_id, later)
        async with self._database.session() as session, session.begin():
            await session.execute(noted.values(last_used_at=at))
