"""Inheritance, scopes and ends of assignments, policies and their versions, grants, decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "access_0003"
down_revision = "access_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caller_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("permission", sa.String(length=100), nullable=True),
        sa.Column("resource", sa.String(length=100), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy_version", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        schema="access",
    )
    op.create_index(
        op.f("ix_decisions_occurred_at"),
        "decisions",
        ["occurred_at"],
        unique=False,
        schema="access",
    )
    op.create_table(
        "policies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column(
            "effect",
            sa.Enum("allow", "deny", name="effect", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("anyone", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("when", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
        sa.UniqueConstraint("name", name=op.f("uq_policies_name")),
        schema="access",
    )
    op.create_table(
        "policy_versions",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policy_versions")),
        schema="access",
        info={"append_only": True},
    )
    op.create_table(
        "object_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("resource", sa.String(length=100), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.String(length=100), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("role_id", sa.Uuid(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(account_id, role_id) = 1", name=op.f("ck_object_grants_one_grantee")
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["access.roles.id"], name=op.f("fk_object_grants_role_id_roles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_object_grants")),
        sa.UniqueConstraint(
            "resource",
            "object_id",
            "permission",
            "account_id",
            name=op.f("uq_object_grants_resource_object_id_permission_account_id"),
        ),
        sa.UniqueConstraint(
            "resource",
            "object_id",
            "permission",
            "role_id",
            name=op.f("uq_object_grants_resource_object_id_permission_role_id"),
        ),
        schema="access",
    )
    op.create_index(
        op.f("ix_object_grants_account_id_id"),
        "object_grants",
        ["account_id", "id"],
        unique=False,
        schema="access",
    )
    op.create_index(
        op.f("ix_object_grants_role_id_id"),
        "object_grants",
        ["role_id", "id"],
        unique=False,
        schema="access",
    )
    op.create_index(
        op.f("ix_object_grants_expires_at"),
        "object_grants",
        ["expires_at"],
        unique=False,
        schema="access",
        postgresql_where=sa.text("expires_at is not null"),
    )
    op.create_table(
        "policy_permissions",
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["access.policies.id"],
            name=op.f("fk_policy_permissions_policy_id_policies"),
        ),
        sa.PrimaryKeyConstraint("policy_id", "permission", name=op.f("pk_policy_permissions")),
        schema="access",
    )
    op.create_table(
        "policy_roles",
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["access.policies.id"], name=op.f("fk_policy_roles_policy_id_policies")
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["access.roles.id"], name=op.f("fk_policy_roles_role_id_roles")
        ),
        sa.PrimaryKeyConstraint("policy_id", "role_id", name=op.f("pk_policy_roles")),
        schema="access",
    )
    op.create_table(
        "role_parents",
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["access.roles.id"], name=op.f("fk_role_parents_parent_id_roles")
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["access.roles.id"], name=op.f("fk_role_parents_role_id_roles")
        ),
        sa.PrimaryKeyConstraint("role_id", "parent_id", name=op.f("pk_role_parents")),
        schema="access",
    )
    op.add_column(
        "assignments",
        sa.Column("scope", sa.String(length=200), server_default="", nullable=False),
        schema="access",
    )
    op.add_column(
        "assignments",
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        schema="access",
    )
    op.drop_constraint(
        op.f("uq_assignments_account_id_role_id"), "assignments", schema="access", type_="unique"
    )
    op.create_index(
        op.f("ix_assignments_scope_id"),
        "assignments",
        ["scope", "id"],
        unique=False,
        schema="access",
    )
    op.create_index(
        op.f("ix_assignments_expires_at"),
        "assignments",
        ["expires_at"],
        unique=False,
        schema="access",
        postgresql_where=sa.text("expires_at is not null"),
    )
    op.create_unique_constraint(
        op.f("uq_assignments_account_id_role_id_scope"),
        "assignments",
        ["account_id", "role_id", "scope"],
        schema="access",
    )


def downgrade() -> None:
    # Without its scope or its end an assignment would give more than was given.
    op.execute("delete from access.assignments where scope <> '' or expires_at is not null")
    op.drop_index(op.f("ix_assignments_expires_at"), table_name="assignments", schema="access")
    op.drop_constraint(
        op.f("uq_assignments_account_id_role_id_scope"),
        "assignments",
        schema="access",
        type_="unique",
    )
    op.drop_index(op.f("ix_assignments_scope_id"), table_name="assignments", schema="access")
    op.create_unique_constraint(
        op.f("uq_assignments_account_id_role_id"),
        "assignments",
        ["account_id", "role_id"],
        schema="access",
    )
    op.drop_column("assignments", "expires_at", schema="access")
    op.drop_column("assignments", "scope", schema="access")
    op.drop_table("role_parents", schema="access")
    op.drop_table("policy_roles", schema="access")
    op.drop_table("policy_permissions", schema="access")
    op.drop_index(op.f("ix_object_grants_role_id_id"), table_name="object_grants", schema="access")
    op.drop_index(
        op.f("ix_object_grants_account_id_id"), table_name="object_grants", schema="access"
    )
    op.drop_index(op.f("ix_object_grants_expires_at"), table_name="object_grants", schema="access")
    op.drop_table("object_grants", schema="access")
    op.drop_table("policy_versions", schema="access")
    op.drop_table("policies", schema="access")
    op.drop_index(op.f("ix_decisions_occurred_at"), table_name="decisions", schema="access")
    op.drop_table("decisions", schema="access")
