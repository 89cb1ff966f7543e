"""Roles that count only for who has proved a second factor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "access_0002"
down_revision = "access_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    demanded: sa.Column[bool] = sa.Column(
        "requires_second_factor", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("roles", demanded, schema="access")


def downgrade() -> None:
    op.drop_column("roles", "requires_second_factor", schema="access")
