"""Outbox, deliveries, inbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "platform_0001"
down_revision = None
branch_labels = ("platform",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("subscriber", sa.String(length=200), nullable=False),
        sa.Column(
            "handled_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("event_id", "subscriber", name=op.f("pk_inbox")),
        schema="platform",
    )
    op.create_index(op.f("ix_inbox_handled_at"), "inbox", ["handled_at"], schema="platform")
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=200), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("event_id", name=op.f("uq_outbox_event_id")),
        schema="platform",
    )
    op.create_table(
        "deliveries",
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("subscriber", sa.String(length=200), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["position"],
            ["platform.outbox.position"],
            name=op.f("fk_deliveries_position_outbox"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("position", "subscriber", name=op.f("pk_deliveries")),
        schema="platform",
    )
    op.create_index(
        op.f("ix_deliveries_subscriber_position"),
        "deliveries",
        ["subscriber", "position"],
        schema="platform",
    )
    op.create_index(
        op.f("ix_deliveries_subscriber_subject_id_position"),
        "deliveries",
        ["subscriber", "subject_id", "position"],
        schema="platform",
    )


def downgrade() -> None:
    op.drop_table("deliveries", schema="platform")
    op.drop_table("outbox", schema="platform")
    op.drop_table("inbox", schema="platform")
