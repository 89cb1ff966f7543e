"""Second factors, and the sign-ins that wait for one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    LargeBinary,
    Named,
    SmallInteger,
    String,
    Table,
    TypedColumns,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from modules.identity.adapters.sql.tables.schema import mapper, metadata
from modules.identity.domain.authenticator import Authenticator
from shared_kernel.adapters.sql import AggregateColumns, moment

ACCOUNT, GONE_WITH_IT = "identity.accounts.id", "CASCADE"


class AuthenticatorColumns(AggregateColumns):
    account_id: Named[UUID] = Column(
        Uuid, ForeignKey(ACCOUNT, ondelete=GONE_WITH_IT), nullable=False, unique=True
    )
    sealed_seed: Named[bytes] = Column(LargeBinary(64), nullable=False)
    added_at: Named[datetime] = Column(moment(), nullable=False)
    confirmed_at: Named[datetime | None] = Column(moment())
    last_step: Named[int | None] = Column(BigInteger)
    last_used_at: Named[datetime | None] = Column(moment())


class RecoveryCodeColumns(TypedColumns):
    account_id: Named[UUID] = Column(
        Uuid, ForeignKey(ACCOUNT, ondelete=GONE_WITH_IT), primary_key=True
    )
    code_hash: Named[bytes] = Column(LargeBinary(32), primary_key=True)


class PendingSignInColumns(TypedColumns):
    token_hash: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    account_id: Named[UUID] = Column(
        Uuid, ForeignKey(ACCOUNT, ondelete=GONE_WITH_IT), nullable=False, index=True
    )
    methods: Named[list[str]] = Column(ARRAY(String(16)), nullable=False)
    password_print: Named[bytes] = Column(LargeBinary(32), nullable=False)
    device_id: Named[UUID | None] = Column(Uuid())
    attempts: Named[int] = Column(SmallInteger, nullable=False)
    expires_at: Named[datetime] = Column(moment(), nullable=False, index=True)


authenticators = Table("authenticators", metadata, AuthenticatorColumns)
recovery_codes = Table("recovery_codes", metadata, RecoveryCodeColumns)
pending_sign_ins = Table("pending_sign_ins", metadata, PendingSignInColumns)

mapper.map_imperatively(Authenticator, authenticators, version_id_col=authenticators.c.version)
