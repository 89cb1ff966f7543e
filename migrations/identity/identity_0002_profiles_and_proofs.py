"""What an account says of its owner, and how the owner of a session was recognised."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

revision = "identity_0002"
down_revision = "identity_0001"
branch_labels = None
depends_on = None

Columns = tuple[tuple[str, TypeEngine[Any]], ...]

ACCOUNTS: Columns = (
    ("email_verified_at", sa.DateTime(timezone=True)),
    ("display_name", sa.String(100)),
    ("locale", sa.String(35)),
    ("password_changed_at", sa.DateTime(timezone=True)),
)
SESSIONS: Columns = (
    ("name", sa.String(100)),
    ("authenticated_at", sa.DateTime(timezone=True)),
    ("impersonator_id", sa.Uuid()),
)


def upgrade() -> None:
    for name, kind in ACCOUNTS:
        op.add_column("accounts", sa.Column(name, kind), schema="identity")
    for name, kind in SESSIONS:
        op.add_column("sessions", sa.Column(name, kind), schema="identity")
    # A process of the release before inserts sessions without methods.
    kind = ARRAY(sa.String(16))
    methods: sa.Column[list[str]] = sa.Column("methods", kind, nullable=False, server_default="{}")
    op.add_column("sessions", methods, schema="identity")


def downgrade() -> None:
    for name in ("methods", *(name for name, _ in SESSIONS)):
        op.drop_column("sessions", name, schema="identity")
    for name, _ in ACCOUNTS:
        op.drop_column("accounts", name, schema="identity")
