"""API keys, service accounts and their secrets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "identity_0004"
down_revision = "identity_0003"
branch_labels = None
depends_on = None


def _text(*columns: tuple[str, int]) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length), nullable=False) for name, length in columns]


def _moments(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in names]


def _moments_or_null(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True)) for name in names]


def _reason() -> sa.Column[str]:
    return sa.Column("revoke_reason", sa.String(16))


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        *_text(("name", 100)),
        sa.Column("scope", ARRAY(sa.String(100)), nullable=False),
        sa.Column("methods", ARRAY(sa.String(16)), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(32)),
        *_moments("created_at", "expires_at"),
        *_moments_or_null("previous_until", "last_used_at", "revoked_at"),
        _reason(),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["identity.accounts.id"],
            name="fk_api_keys_account_id_accounts",
            ondelete="CASCADE",
        ),
        schema="identity",
    )
    op.create_index(
        "ix_api_keys_account_id",
        "api_keys",
        ["account_id"],
        schema="identity",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    _create_service_accounts()
    _create_secrets()


def _create_service_accounts() -> None:
    op.create_table(
        "service_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *_text(("name", 100), ("description", 1000)),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        *_moments("created_at", "changed_at"),
        *_moments_or_null("disabled_at", "deleted_at"),
        sa.PrimaryKeyConstraint("id", name="pk_service_accounts"),
        schema="identity",
    )
    op.create_index(
        "uq_service_accounts_name",
        "service_accounts",
        ["name"],
        unique=True,
        schema="identity",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )


def _create_secrets() -> None:
    op.create_table(
        "service_account_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_account_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(32), nullable=False),
        *_moments("created_at", "expires_at"),
        *_moments_or_null("last_used_at", "revoked_at"),
        _reason(),
        sa.PrimaryKeyConstraint("id", name="pk_service_account_secrets"),
        sa.ForeignKeyConstraint(
            ["service_account_id"],
            ["identity.service_accounts.id"],
            name="fk_service_account_secrets_service_account_id_service_accounts",
            ondelete="CASCADE",
        ),
        schema="identity",
    )
    op.create_index(
        "ix_service_account_secrets_service_account_id",
        "service_account_secrets",
        ["service_account_id"],
        schema="identity",
    )


def downgrade() -> None:
    for table in ("service_account_secrets", "service_accounts", "api_keys"):
        op.drop_table(table, schema="identity")
