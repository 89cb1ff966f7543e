"""The tables of access."""

from __future__ import annotations

from collections.abc import Mapping
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from modules.access.domain import EVERYWHERE, Effect
from shared_kernel.adapters.sql import (
    APPEND_ONLY,
    AggregateColumns,
    choice,
    module_metadata,
    moment,
)

SEEDED = {"seeded": True}
PERMISSION_LENGTH = 100
SCOPE_LENGTH = 200
REASON_LENGTH = 500

metadata: MetaData = module_metadata("access")

Document = Mapping[str, object]


class RoleColumns(AggregateColumns):
    name: Named[str] = Column(String(40), nullable=False, unique=True)
    built_in: Named[bool] = Column(Boolean, nullable=False)
    requires_second_factor: Named[bool] = Column(Boolean, nullable=False, server_default=false())
    changed_at: Named[datetime] = Column(moment(), nullable=False)


class GrantColumns(TypedColumns):
    """The permissions a role holds."""

    role_id: Named[UUID] = Column(Uuid, ForeignKey("access.roles.id"), primary_key=True)
    permission: Named[str] = Column(String(PERMISSION_LENGTH), primary_key=True)


class RoleParentColumns(TypedColumns):
    role_id: Named[UUID] = Column(Uuid, ForeignKey("access.roles.id"), primary_key=True)
    parent_id: Named[UUID] = Column(Uuid, ForeignKey("access.roles.id"), primary_key=True)


class AssignmentColumns(AggregateColumns):
    account_id: Named[UUID] = Column(Uuid, nullable=False)
    role_id: Named[UUID] = Column(Uuid, ForeignKey("access.roles.id"), nullable=False)
    scope: Named[str] = Column(String(SCOPE_LENGTH), nullable=False, server_default=EVERYWHERE)
    assigned_at: Named[datetime] = Column(moment(), nullable=False)
    expires_at: Named[datetime | None] = Column(moment())


class PolicyColumns(AggregateColumns):
    name: Named[str] = Column(String(80), nullable=False, unique=True)
    description: Named[str] = Column(String(500), nullable=False)
    effect: Named[Effect] = Column(choice(Effect), nullable=False)
    anyone: Named[bool] = Column(Boolean, nullable=False)
    enabled: Named[bool] = Column(Boolean, nullable=False)
    when: Named[Document] = Column(JSONB[Document](), nullable=False)
    changed_at: Named[datetime] = Column(moment(), nullable=False)


class PolicyRoleColumns(TypedColumns):
    policy_id: Named[UUID] = Column(Uuid, ForeignKey("access.policies.id"), primary_key=True)
    role_id: Named[UUID] = Column(Uuid, ForeignKey("access.roles.id"), primary_key=True)


class PolicyPermissionColumns(TypedColumns):
    policy_id: Named[UUID] = Column(Uuid, ForeignKey("access.policies.id"), primary_key=True)
    permission: Named[str] = Column(String(PERMISSION_LENGTH), primary_key=True)


class ObjectGrantColumns(AggregateColumns):
    """What was shared, with one account or one role."""

    resource: Named[str] = Column(String(PERMISSION_LENGTH), nullable=False)
    object_id: Named[UUID] = Column(Uuid, nullable=False)
    permission: Named[str] = Column(String(PERMISSION_LENGTH), nullable=False)
    account_id: Named[UUID | None] = Column(Uuid())
    role_id: Named[UUID | None] = Column(Uuid(), ForeignKey("access.roles.id"))
    granted_by: Named[UUID | None] = Column(Uuid())
    granted_at: Named[datetime] = Column(moment(), nullable=False)
    expires_at: Named[datetime | None] = Column(moment())


class PolicyVersionColumns(TypedColumns):
    """One row, locked by whoever changes the policy."""

    id: Named[int] = Column(SmallInteger, primary_key=True, autoincrement=False)
    version: Named[int] = Column(BigInteger, nullable=False)


class PastPolicyColumns(TypedColumns):
    """Roles and policies as they stood from one version on."""

    version: Named[int] = Column(BigInteger, primary_key=True, autoincrement=False)
    document: Named[Document] = Column(JSONB[Document](), nullable=False)
    author_id: Named[UUID | None] = Column(Uuid())
    reason: Named[str | None] = Column(String(REASON_LENGTH))
    created_at: Named[datetime] = Column(moment(), nullable=False)


class DecisionColumns(TypedColumns):
    """Each refusal, and what decided it."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    occurred_at: Named[datetime] = Column(moment(), nullable=False)
    caller_id: Named[UUID | None] = Column(Uuid())
    code: Named[str] = Column(String(100), nullable=False)
    permission: Named[str | None] = Column(String(PERMISSION_LENGTH))
    resource: Named[str | None] = Column(String(PERMISSION_LENGTH))
    object_id: Named[UUID | None] = Column(Uuid())
    detail: Named[Document] = Column(JSONB[Document](), nullable=False)
    policy_version: Named[int | None] = Column(BigInteger())


class ChangeColumns(TypedColumns):
    """What was changed last by which version of the policy; triggers write it.

    An account or a role, to which something was given or from which it was taken, or the rules:
    roles and policies, all of them, under the id of zeros.
    """

    subject_id: Named[UUID] = Column(Uuid, primary_key=True)
    version: Named[int] = Column(BigInteger, nullable=False, index=True)


class SeededGrantColumns(TypedColumns):
    """The default grants handed out once, by role name: some roles may be renamed or gone."""

    role: Named[str] = Column(String(40), primary_key=True)
    permission: Named[str] = Column(String(PERMISSION_LENGTH), primary_key=True)


roles = Table("roles", metadata, RoleColumns, info=SEEDED)
grants = Table("grants", metadata, GrantColumns, info=SEEDED)
role_parents = Table("role_parents", metadata, RoleParentColumns)
assignments = Table(
    "assignments",
    metadata,
    AssignmentColumns,
    UniqueConstraint("account_id", "role_id", "scope"),
)
policies = Table("policies", metadata, PolicyColumns)
policy_roles = Table("policy_roles", metadata, PolicyRoleColumns)
policy_permissions = Table("policy_permissions", metadata, PolicyPermissionColumns)
object_grants = Table(
    "object_grants",
    metadata,
    ObjectGrantColumns,
    # Nulls are distinct: each of the two holds for the grants to accounts, or to roles, alone.
    UniqueConstraint("resource", "object_id", "permission", "account_id"),
    UniqueConstraint("resource", "object_id", "permission", "role_id"),
    CheckConstraint("num_nonnulls(account_id, role_id) = 1", name="one_grantee"),
)
policy_version = Table(
    "policy_version",
    metadata,
    PolicyVersionColumns,
    CheckConstraint("id = 1", name="one_row"),
    info=SEEDED,
)
policy_versions = Table("policy_versions", metadata, PastPolicyColumns, info=APPEND_ONLY)
decisions = Table("decisions", metadata, DecisionColumns)
changes = Table("changes", metadata, ChangeColumns, info=SEEDED)
seeded_grants = Table("seeded_grants", metadata, SeededGrantColumns, info=SEEDED)

Index("ix_assignments_role_id_id", assignments.c.role_id, assignments.c.id)
Index(None, assignments.c.scope, assignments.c.id)
Index(None, object_grants.c.account_id, object_grants.c.id)
Index(None, object_grants.c.role_id, object_grants.c.id)
Index(None, decisions.c.occurred_at)
for ending in (assignments.c.expires_at, object_grants.c.expires_at):
    Index(None, ending, postgresql_where=text("expires_at is not null"))
