"""Accounts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Index, Named, String, Table

from modules.identity.adapters.sql.tables.schema import mapper, metadata
from modules.identity.domain.account import Account, AccountStatus
from shared_kernel.adapters.sql import AggregateColumns, choice, moment


class AccountColumns(AggregateColumns):
    email: Named[str] = Column(String(254), nullable=False)
    email_normalized: Named[str] = Column(String(254), nullable=False)
    email_verified_at: Named[datetime | None] = Column(moment())
    doubted_at: Named[datetime | None] = Column(moment())
    display_name: Named[str | None] = Column(String(100))
    locale: Named[str | None] = Column(String(35))
    password_hash: Named[str | None] = Column(String(255))
    password_changed_at: Named[datetime | None] = Column(moment())
    status: Named[AccountStatus] = Column(choice(AccountStatus), nullable=False)
    registered_at: Named[datetime] = Column(moment(), nullable=False)
    closed_at: Named[datetime | None] = Column(moment())


accounts = Table("accounts", metadata, AccountColumns)

# An address is free again once its account is closed.
UNIQUE_EMAIL = "uq_accounts_email_normalized"
Index(
    UNIQUE_EMAIL,
    accounts.c.email_normalized,
    unique=True,
    postgresql_where=accounts.c.closed_at.is_(None),
)

# The lists administrators read: by either order, and by how an address begins.
Index(None, accounts.c.registered_at, accounts.c.id)
Index(None, accounts.c.email_normalized, accounts.c.id)
Index(
    "ix_accounts_email_prefix",
    accounts.c.email_normalized,
    postgresql_ops={"email_normalized": "text_pattern_ops"},
)

mapper.map_imperatively(Account, accounts, version_id_col=accounts.c.version)
