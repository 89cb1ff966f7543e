"""Roles, grants, assignments, the version of the policy and the memory of its seeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "access_0001"
down_revision = None
branch_labels = ("access",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("built_in", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
        schema="access",
    )
    op.create_table(
        "grants",
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("permission", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["access.roles.id"], name=op.f("fk_grants_role_id_roles")
        ),
        sa.PrimaryKeyConstraint("role_id", "permission", name=op.f("pk_grants")),
        schema="access",
    )
    op.create_table(
        "assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["access.roles.id"], name=op.f("fk_assignments_role_id_roles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint(
            "account_id", "role_id", name=op.f("uq_assignments_account_id_role_id")
        ),
        schema="access",
    )
    op.create_index(
        "ix_assignments_role_id_id",
        "assignments",
        ["role_id", "id"],
        unique=False,
        schema="access",
    )
    op.create_table(
        "policy_version",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_policy_version_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        schema="access",
    )
    op.create_table(
        "seeded_grants",
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("permission", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("role", "permission", name=op.f("pk_seeded_grants")),
        schema="access",
    )


def downgrade() -> None:
    op.drop_table("seeded_grants", schema="access")
    op.drop_table("policy_version", schema="access")
    op.drop_index("ix_assignments_role_id_id", table_name="assignments", schema="access")
    op.drop_table("assignments", schema="access")
    op.drop_table("grants", schema="access")
    op.drop_table("roles", schema="access")
