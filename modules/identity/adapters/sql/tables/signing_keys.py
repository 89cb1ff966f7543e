"""Signing keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, LargeBinary, Named, String, Table, TypedColumns, func

from modules.identity.adapters.sql.tables.schema import metadata
from modules.identity.domain.signing_key import KeyState
from shared_kernel.adapters.sql import choice, moment


class SigningKeyColumns(TypedColumns):
    kid: Named[str] = Column(String(64), primary_key=True)
    public_key: Named[bytes] = Column(LargeBinary, nullable=False)
    sealed_private_key: Named[bytes] = Column(LargeBinary, nullable=False)
    state: Named[KeyState] = Column(choice(KeyState), nullable=False)
    created_at: Named[datetime] = Column(moment(), nullable=False)
    changed_at: Named[datetime] = Column(moment(), nullable=False, server_default=func.now())


# Made by the first process that starts, and held in memory by all of them: like a seed.
signing_keys = Table("signing_keys", metadata, SigningKeyColumns, info={"seeded": True})
