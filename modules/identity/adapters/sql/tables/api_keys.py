"""API keys, service accounts and their secrets."""

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
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import relationship

from modules.identity.adapters.sql.tables.schema import mapper, metadata
from modules.identity.domain.api_key import ApiKey
from modules.identity.domain.api_secret import (
    DESCRIPTION_LENGTH,
    NAME_LENGTH,
    RevokeReason,
)
from modules.identity.domain.service_account import ServiceAccount, ServiceAccountSecret
from shared_kernel.adapters.sql import AggregateColumns, choice, moment


class ApiKeyColumns(AggregateColumns):
    account_id: Named[UUID] = Column(
        Uuid, ForeignKey("identity.accounts.id", ondelete="CASCADE"), nullable=False
    )
    name: Named[str] = Column(String(NAME_LENGTH), nullable=False)
    scope: Named[list[str]] = Column(ARRAY(String(100)), nullable=False)
    methods: Named[list[str]] = Column(ARRAY(String(16)), nullable=False)
    secret_hash: Named[bytes] = Column(LargeBinary(32), nullable=False)
    previous_hash: Named[bytes | None] = Column(LargeBinary(32))
    previous_until: Named[datetime | None] = Column(moment())
    created_at: Named[datetime] = Column(moment(), nullable=False)
    expires_at: Named[datetime] = Column(moment(), nullable=False)
    last_used_at: Named[datetime | None] = Column(moment())
    revoked_at: Named[datetime | None] = Column(moment())
    revoke_reason: Named[RevokeReason | None] = Column(choice(RevokeReason))


class ServiceAccountColumns(AggregateColumns):
    name: Named[str] = Column(String(NAME_LENGTH), nullable=False)
    description: Named[str] = Column(String(DESCRIPTION_LENGTH), nullable=False)
    created_by: Named[UUID] = Column(Uuid, nullable=False)
    created_at: Named[datetime] = Column(moment(), nullable=False)
    changed_at: Named[datetime] = Column(moment(), nullable=False)
    disabled_at: Named[datetime | None] = Column(moment())
    deleted_at: Named[datetime | None] = Column(moment())


class SecretColumns(TypedColumns):
    id: Named[UUID] = Column(Uuid, primary_key=True)
    service_account_id: Named[UUID] = Column(
        Uuid,
        ForeignKey("identity.service_accounts.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
    )
    secret_hash: Named[bytes] = Column(LargeBinary(32), nullable=False)
    created_at: Named[datetime] = Column(moment(), nullable=False)
    expires_at: Named[datetime] = Column(moment(), nullable=False)
    last_used_at: Named[datetime | None] = Column(moment())
    revoked_at: Named[datetime | None] = Column(moment())
    revoke_reason: Named[RevokeReason | None] = Column(choice(RevokeReason))


api_keys = Table("api_keys", metadata, ApiKeyColumns)
Index(
    "ix_api_keys_account_id",
    api_keys.c.account_id,
    postgresql_where=api_keys.c.revoked_at.is_(None),
)

# What is over goes after a while.
Index(
    "ix_api_keys_expires_at",
    api_keys.c.expires_at,
    postgresql_where=api_keys.c.revoked_at.is_(None),
)
Index(
    "ix_api_keys_revoked_at",
    api_keys.c.revoked_at,
    postgresql_where=api_keys.c.revoked_at.is_not(None),
)

service_accounts = Table("service_accounts", metadata, ServiceAccountColumns)
# A name is free again once its service account is deleted.
UNIQUE_NAME = "uq_service_accounts_name"
Index(
    UNIQUE_NAME,
    service_accounts.c.name,
    unique=True,
    postgresql_where=service_accounts.c.deleted_at.is_(None),
)
service_account_secrets = Table("service_account_secrets", metadata, SecretColumns)

mapper.map_imperatively(ApiKey, api_keys, version_id_col=api_keys.c.version)
mapper.map_imperatively(ServiceAccountSecret, service_account_secrets)
mapper.map_imperatively(
    ServiceAccount,
    service_accounts,
    version_id_col=service_accounts.c.version,
    properties={
        "secrets": relationship(ServiceAccountSecret, lazy="selectin", cascade="all, delete-orphan")
    },
)
