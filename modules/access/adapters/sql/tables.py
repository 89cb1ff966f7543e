"""The tables of access, and how its entities come out of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    MetaData,
    Named,
    SmallInteger,
    String,
    Table,
    TypedColumns,
    UniqueConstraint,
    Uuid,
    false,
)
from sqlalchemy.orm import registry, relationship

from modules.access.domain import Assignment, Grant, Role
from shared_kernel.adapters.sql import AggregateColumns, module_metadata, moment

SEEDED = {"seeded": True}
PERMISSION_LENGTH = 100

metadata: MetaData = module_metadata("access")


class RoleColumns(AggregateColumns):
    name: Named[str] = Column(String(40), nullable=False, unique=True)
    built_in: Named[bool] = Column(Boolean, nullable=False)
    requires_second_factor: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    changed_at: Named[datetime] = Column(moment(), nullable=False)


class GrantColumns(TypedColumns):
    role_id: Named[UUID] = Column(Uuid, ForeignKey("access.roles.id"), primary_key=True)
    permission: Named[str] = Column(String(PERMISSION_LENGTH), primary_key=True)


class AssignmentColumns(AggregateColumns):
    account_id: Named[UUID] = Column(Uuid, nullable=False)
    role_id: Named[UUID] = Column(Uuid, ForeignKey("access.roles.id"), nullable=False)
    assigned_at: Named[datetime] = Column(moment(), nullable=False)


class PolicyVersionColumns(TypedColumns):
    """One row, locked by whoever changes the policy."""

    id: Named[int] = Column(SmallInteger, primary_key=True, autoincrement=False)
    version: Named[int] = Column(BigInteger, nullable=False)


class SeededGrantColumns(TypedColumns):
    """The default grants handed out once, by role name: some roles may be renamed or gone."""

    role: Named[str] = Column(String(40), primary_key=True)
    permission: Named[str] = Column(String(PERMISSION_LENGTH), primary_key=True)


roles = Table("roles", metadata, RoleColumns, info=SEEDED)
grants = Table("grants", metadata, GrantColumns, info=SEEDED)
assignments = Table(
    "assignments", metadata, AssignmentColumns, UniqueConstraint("account_id", "role_id")
)
policy_version = Table(
    "policy_version",
    metadata,
    PolicyVersionColumns,
    CheckConstraint("id = 1", name="one_row"),
    info=SEEDED,
)
seeded_grants = Table("seeded_grants", metadata, SeededGrantColumns, info=SEEDED)
Index("ix_assignments_role_id_id", assignments.c.role_id, assignments.c.id)

mapper = registry(metadata=metadata)
mapper.map_imperatively(Grant, grants)
mapper.map_imperatively(
    Role,
    roles,
    version_id_col=roles.c.version,
    properties={
        "grants": relationship(Grant, lazy="selectin", cascade="all, delete-orphan"),
    },
)
mapper.map_imperatively(Assignment, assignments, version_id_col=assignments.c.version)
