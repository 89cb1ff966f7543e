"""Addresses whose owners have to show once more that they read their mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "identity_0010"
down_revision = "identity_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    doubted = sa.Column("doubted_at", sa.DateTime(timezone=True))
    op.add_column("accounts", doubted, schema="identity")


def downgrade() -> None:
    op.drop_column("accounts", "doubted_at", schema="identity")
