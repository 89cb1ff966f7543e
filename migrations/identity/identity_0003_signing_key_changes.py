"""When a signing key last changed its state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "identity_0003"
down_revision = "identity_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    changed_at = sa.Column(
        "changed_at",
        sa.DateTime(timezone=True),
        nullable=False,
        server_default=sa.func.now(),
    )
    op.add_column("signing_keys", changed_at, schema="identity")


def downgrade() -> None:
    op.drop_column("signing_keys", "changed_at", schema="identity")
