"""Links that were mailed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey, LargeBinary, Named, String, Table, TypedColumns, Uuid

from modules.identity.adapters.sql.tables.schema import metadata
from modules.identity.domain.link import Purpose
from shared_kernel.adapters.sql import choice, moment


class LinkColumns(TypedColumns):
    id: Named[UUID] = Column(Uuid, primary_key=True)
    account_id: Named[UUID] = Column(
        Uuid, ForeignKey("identity.accounts.id", ondelete="CASCADE"), nullable=False, index=True
    )
    purpose: Named[Purpose] = Column(choice(Purpose), nullable=False)
    token_hash: Named[bytes] = Column(LargeBinary(32), nullable=False, unique=True)
    email: Named[str] = Column(String(254), nullable=False)
    email_normalized: Named[str] = Column(String(254), nullable=False)
    expires_at: Named[datetime] = Column(moment(), nullable=False, index=True)
    used_at: Named[datetime | None] = Column(moment())


links = Table("links", metadata, LinkColumns)
