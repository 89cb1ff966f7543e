"""Indexes by which sessions and API keys that are over are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "identity_0011"
down_revision = "identity_0010"
branch_labels = None
depends_on = None

ENDS = {
    "ix_sessions_expires_at": ("sessions", "expires_at", "ended_at IS NULL"),
    "ix_api_keys_expires_at": ("api_keys", "expires_at", "revoked_at IS NULL"),
    "ix_api_keys_revoked_at": ("api_keys", "revoked_at", "revoked_at IS NOT NULL"),
}


def upgrade() -> None:
    for name, (table, column, where) in ENDS.items():
        op.create_index(name, table, [column], schema="identity", postgresql_where=sa.text(where))


def downgrade() -> None:
    for name, (table, _, _) in ENDS.items():
        op.drop_index(name, table_name=table, schema="identity")
