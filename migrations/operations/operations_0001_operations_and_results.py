"""operations and results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "operations_0001"
down_revision = None
branch_labels = ("operations",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("request", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("node", sa.String(length=255), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "running",
                "succeeded",
                "failed",
                "cancelled",
                name="state",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("cancelling", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "result", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("error_code", sa.String(length=200), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
        schema="operations",
    )
    op.create_index(
        op.f("ix_operations_account_id_created_at_id"),
        "operations",
        ["account_id", "created_at", "id"],
        unique=False,
        schema="operations",
    )
    op.create_index(
        op.f("ix_operations_created_at_id"),
        "operations",
        ["created_at", "id"],
        unique=False,
        schema="operations",
    )
    op.create_index(
        op.f("ix_operations_finished_at"),
        "operations",
        ["finished_at"],
        unique=False,
        schema="operations",
    )
    op.create_index(
        op.f("ix_operations_kind_created_at_id"),
        "operations",
        ["kind", "created_at", "id"],
        unique=False,
        schema="operations",
    )
    op.create_index(
        op.f("ix_operations_state_created_at_id"),
        "operations",
        ["state", "created_at", "id"],
        unique=False,
        schema="operations",
    )
    op.create_table(
        "results",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column(
            "severity",
            sa.Enum("error", "warning", name="severity", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("pointer", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["operations.operations.id"],
            name=op.f("fk_results_operation_id_operations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
        schema="operations",
    )
    op.create_index(
        op.f("ix_results_operation_id_id"),
        "results",
        ["operation_id", "id"],
        unique=False,
        schema="operations",
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_results_operation_id_id"), table_name="results", schema="operations")
    op.drop_table("results", schema="operations")
    op.drop_index(
        op.f("ix_operations_state_created_at_id"), table_name="operations", schema="operations"
    )
    op.drop_index(
        op.f("ix_operations_kind_created_at_id"), table_name="operations", schema="operations"
    )
    op.drop_index(op.f("ix_operations_finished_at"), table_name="operations", schema="operations")
    op.drop_index(op.f("ix_operations_created_at_id"), table_name="operations", schema="operations")
    op.drop_index(
        op.f("ix_operations_account_id_created_at_id"), table_name="operations", schema="operations"
    )
    op.drop_table("operations", schema="operations")
