"""Indexes for administrators: lists of accounts, histories of sign-ins, who acts as whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "identity_0009"
down_revision = "identity_0008"
branch_labels = None
depends_on = None

LISTS = {
    "ix_accounts_registered_at_id": ("accounts", ["registered_at", "id"]),
    "ix_accounts_email_normalized_id": ("accounts", ["email_normalized", "id"]),
    "ix_sessions_account_id_started_at_id": ("sessions", ["account_id", "started_at", "id"]),
}


def upgrade() -> None:
    for name, (table, columns) in LISTS.items():
        op.create_index(name, table, columns, schema="identity")
    op.create_index(
        "ix_accounts_email_prefix",
        "accounts",
        ["email_normalized"],
        schema="identity",
        postgresql_ops={"email_normalized": "text_pattern_ops"},
    )
    op.create_index(
        "ix_sessions_impersonator_id",
        "sessions",
        ["impersonator_id"],
        schema="identity",
        postgresql_where=sa.text("impersonator_id IS NOT NULL AND ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_sessions_impersonator_id", table_name="sessions", schema="identity")
    op.drop_index("ix_accounts_email_prefix", table_name="accounts", schema="identity")
    for name, (table, _) in LISTS.items():
        op.drop_index(name, table_name=table, schema="identity")
