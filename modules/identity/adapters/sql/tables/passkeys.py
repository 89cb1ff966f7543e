"""Passkeys, and challenges that wait for their answer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    LargeBinary,
    Named,
    String,
    Table,
    TypedColumns,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from modules.identity.adapters.sql.tables.schema import mapper, metadata
from modules.identity.domain.passkey import NAME_LENGTH, Ceremony, Passkey
from shared_kernel.adapters.sql import AggregateColumns, choice, moment

UNIQUE_CREDENTIAL = "uq_passkeys_credential_id"


class PasskeyColumns(AggregateColumns):
    account_id: Named[UUID] = Column(
        Uuid, ForeignKey("identity.accounts.id", ondelete="CASCADE"), nullable=False, index=True
    )
    name: Named[str] = Column(String(NAME_LENGTH), nullable=False)
    credential_id: Named[bytes] = Column(LargeBinary(1023), nullable=False)
    public_key: Named[bytes] = Column(LargeBinary(1024), nullable=False)
    sign_count: Named[int] = Column(BigInteger, nullable=False)
    transports: Named[list[str]] = Column(ARRAY(String(16)), nullable=False)
    aaguid: Named[UUID] = Column(Uuid, nullable=False)
    backup_eligible: Named[bool] = Column(Boolean, nullable=False)
    backed_up: Named[bool] = Column(Boolean, nullable=False)
    added_at: Named[datetime] = Column(moment(), nullable=False)
    last_used_at: Named[datetime | None] = Column(moment())


class PasskeyChallengeColumns(TypedColumns):
    challenge_hash: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    ceremony: Named[Ceremony] = Column(choice(Ceremony), nullable=False)
    bound_to: Named[bytes] = Column(LargeBinary(32), nullable=False)
    expires_at: Named[datetime] = Column(moment(), nullable=False, index=True)


passkeys = Table(
    "passkeys",
    metadata,
    PasskeyColumns,
    UniqueConstraint("credential_id", name=UNIQUE_CREDENTIAL),
)
passkey_challenges = Table("passkey_challenges", metadata, PasskeyChallengeColumns)

mapper.map_imperatively(Passkey, passkeys, version_id_col=passkeys.c.version)
