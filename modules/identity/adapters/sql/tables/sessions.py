"""Sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Named, String, Table, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from modules.identity.adapters.sql.tables.schema import mapper, metadata
from modules.identity.domain.session import EndReason, Session
from shared_kernel.adapters.sql import AggregateColumns, choice, moment


class SessionColumns(AggregateColumns):
    account_id: Named[UUID] = Column(
        Uuid, ForeignKey("identity.accounts.id", ondelete="CASCADE"), nullable=False
    )
    family: Named[UUID] = Column(Uuid, nullable=False, unique=True)
    refresh_hash: Named[bytes] = Column(LargeBinary(32), nullable=False)
    previous_hash: Named[bytes | None] = Column(LargeBinary(32))
    rotated_at: Named[datetime | None] = Column(moment())
    started_at: Named[datetime] = Column(moment(), nullable=False)
    last_used_at: Named[datetime] = Column(moment(), nullable=False)
    expires_at: Named[datetime] = Column(moment(), nullable=False)
    ended_at: Named[datetime | None] = Column(moment())
    end_reason: Named[EndReason | None] = Column(choice(EndReason))
    address: Named[str | None] = Column(String(45))
    user_agent: Named[str | None] = Column(String(200))
    name: Named[str | None] = Column(String(100))
    authenticated_at: Named[datetime | None] = Column(moment())
    methods: Named[list[str]] = Column(ARRAY(String(16)), nullable=False, server_default="{}")
    impersonator_id: Named[UUID | None] = Column(Uuid())


sessions = Table("sessions", metadata, SessionColumns)
Index(
    "ix_sessions_account_id", sessions.c.account_id, postgresql_where=sessions.c.ended_at.is_(None)
)
# Every process asks once a second which sessions ended lately.
Index(
    "ix_sessions_ended_at", sessions.c.ended_at, postgresql_where=sessions.c.ended_at.is_not(None)
)
# What is over goes after a while.
Index(
    "ix_sessions_expires_at", sessions.c.expires_at, postgresql_where=sessions.c.ended_at.is_(None)
)

# The history of an account's sign-ins.
Index(None, sessions.c.account_id, sessions.c.started_at, sessions.c.id)
# Whoever may not act as others any more stops at once.
Index(
    "ix_sessions_impersonator_id",
    sessions.c.impersonator_id,
    postgresql_where=sessions.c.impersonator_id.is_not(None) & sessions.c.ended_at.is_(None),
)

mapper.map_imperatively(Session, sessions, version_id_col=sessions.c.version)
