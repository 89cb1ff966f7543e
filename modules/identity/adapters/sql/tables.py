"""The tables of identity, and the aggregates kept in them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Named,
    String,
    Table,
    TypedColumns,
    Uuid,
)
from sqlalchemy.orm import registry

from modules.identity.domain.account import Account, AccountStatus
from modules.identity.domain.session import EndReason, Session
from modules.identity.ports import KeyState
from shared_kernel.adapters.sql import AggregateColumns, choice, module_metadata, moment

metadata = module_metadata("identity")


class AccountColumns(AggregateColumns):
    email: Named[str] = Column(String(254), nullable=False)
    email_normalized: Named[str] = Column(String(254), nullable=False)
    password_hash: Named[str | None] = Column(String(255))
    status: Named[AccountStatus] = Column(choice(AccountStatus), nullable=False)
    registered_at: Named[datetime] = Column(moment(), nullable=False)
    closed_at: Named[datetime | None] = Column(moment())


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


class SigningKeyColumns(TypedColumns):
    kid: Named[str] = Column(String(64), primary_key=True)
    public_key: Named[bytes] = Column(LargeBinary, nullable=False)
    sealed_private_key: Named[bytes] = Column(LargeBinary, nullable=False)
    state: Named[KeyState] = Column(choice(KeyState), nullable=False)
    created_at: Named[datetime] = Column(moment(), nullable=False)


accounts = Table("accounts", metadata, AccountColumns)
sessions = Table("sessions", metadata, SessionColumns)

# Made by the first process that starts, and held in memory by all of them: like a seed.
signing_keys = Table("signing_keys", metadata, SigningKeyColumns, info={"seeded": True})

# An address is free again once its account is closed.
UNIQUE_EMAIL = "uq_accounts_email_normalized"
Index(
    UNIQUE_EMAIL,
    accounts.c.email_normalized,
    unique=True,
    postgresql_where=accounts.c.closed_at.is_(None),
)
Index(
    "ix_sessions_account_id", sessions.c.account_id, postgresql_where=sessions.c.ended_at.is_(None)
)
# Every process asks once a second which sessions ended lately.
Index(
    "ix_sessions_ended_at", sessions.c.ended_at, postgresql_where=sessions.c.ended_at.is_not(None)
)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Account, accounts, version_id_col=accounts.c.version)
mapper.map_imperatively(Session, sessions, version_id_col=sessions.c.version)
