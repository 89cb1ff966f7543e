"""Identities at providers, and sign-ins on their way."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
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

from modules.identity.adapters.sql.tables.schema import mapper, metadata
from modules.identity.domain.federated import FederatedIdentity
from shared_kernel.adapters.sql import AggregateColumns, moment

UNIQUE_IDENTITY = "uq_federated_identities_issuer_subject"


class FederatedIdentityColumns(AggregateColumns):
    account_id: Named[UUID] = Column(
        Uuid, ForeignKey("identity.accounts.id", ondelete="CASCADE"), nullable=False, index=True
    )
    provider: Named[str] = Column(String(32), nullable=False)
    issuer: Named[str] = Column(String(255), nullable=False)
    subject: Named[str] = Column(String(255), nullable=False)
    label: Named[str | None] = Column(String(254))
    linked_at: Named[datetime] = Column(moment(), nullable=False)
    last_used_at: Named[datetime] = Column(moment(), nullable=False)


class ProviderVisitColumns(TypedColumns):
    state_hash: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    browser_hash: Named[bytes] = Column(LargeBinary(32), nullable=False)
    provider: Named[str] = Column(String(32), nullable=False)
    challenge: Named[str] = Column(String(43), nullable=False)
    redirect_to: Named[str | None] = Column(String(2000))
    code_challenge: Named[str | None] = Column(String(43))
    expires_at: Named[datetime] = Column(moment(), nullable=False, index=True)


class ProviderProofColumns(TypedColumns):
    code_hash: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    code_challenge: Named[str] = Column(String(43), nullable=False)
    provider: Named[str] = Column(String(32), nullable=False)
    issuer: Named[str] = Column(String(255), nullable=False)
    subject: Named[str] = Column(String(255), nullable=False)
    email: Named[str | None] = Column(String(254))
    label: Named[str | None] = Column(String(254))
    expires_at: Named[datetime] = Column(moment(), nullable=False, index=True)


federated_identities = Table(
    "federated_identities",
    metadata,
    FederatedIdentityColumns,
    UniqueConstraint("issuer", "subject", name=UNIQUE_IDENTITY),
)
provider_visits = Table("provider_visits", metadata, ProviderVisitColumns)
provider_proofs = Table("provider_proofs", metadata, ProviderProofColumns)

mapper.map_imperatively(
    FederatedIdentity, federated_identities, version_id_col=federated_identities.c.version
)
