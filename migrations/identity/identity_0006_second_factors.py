"""Authenticator apps, recovery codes, and sign-ins that wait for a second factor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "identity_0006"
down_revision = "identity_0005"
branch_labels = None
depends_on = None


def _moments(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"],
        ["identity.accounts.id"],
        name=f"fk_{table}_account_id_accounts",
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        "authenticators",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_seed", sa.LargeBinary(64), nullable=False),
        *_moments("added_at"),
        *_moments("confirmed_at", nullable=True),
        sa.Column("last_step", sa.BigInteger()),
        *_moments("last_used_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_authenticators"),
        sa.UniqueConstraint("account_id", name="uq_authenticators_account_id"),
        _of_account("authenticators"),
        schema="identity",
    )
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name="pk_recovery_codes"),
        _of_account("recovery_codes"),
        schema="identity",
    )
    _create_pending_sign_ins()


def _create_pending_sign_ins() -> None:
    methods: sa.Column[list[str]] = sa.Column("methods", ARRAY(sa.String(16)), nullable=False)
    op.create_table(
        "pending_sign_ins",
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        methods,
        sa.Column("password_print", sa.LargeBinary(32), nullable=False),
        sa.Column("device_id", sa.Uuid()),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        *_moments("expires_at"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_pending_sign_ins"),
        _of_account("pending_sign_ins"),
        schema="identity",
    )
    for column in ("account_id", "expires_at"):
        op.create_index(
            f"ix_pending_sign_ins_{column}", "pending_sign_ins", [column], schema="identity"
        )


def downgrade() -> None:
    for table in ("pending_sign_ins", "recovery_codes", "authenticators"):
        op.drop_table(table, schema="identity")
