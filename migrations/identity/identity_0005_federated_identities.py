"""Identities at providers, and sign-ins on their way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "identity_0005"
down_revision = "identity_0004"
branch_labels = None
depends_on = None


def _texts(*columns: tuple[str, int], nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length), nullable=nullable) for name, length in columns]


def _moments(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "federated_identities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        *_texts(("provider", 32), ("issuer", 255), ("subject", 255)),
        *_texts(("label", 254), nullable=True),
        *_moments("linked_at", "last_used_at"),
        sa.PrimaryKeyConstraint("id", name="pk_federated_identities"),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["identity.accounts.id"],
            name="fk_federated_identities_account_id_accounts",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("issuer", "subject", name="uq_federated_identities_issuer_subject"),
        schema="identity",
    )
    _index("federated_identities", "account_id")
    _create_visits()
    _create_proofs()


def _create_visits() -> None:
    op.create_table(
        "provider_visits",
        sa.Column("state_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(32), nullable=False),
        *_texts(("provider", 32), ("challenge", 43)),
        *_texts(("redirect_to", 2000), ("code_challenge", 43), nullable=True),
        *_moments("expires_at"),
        sa.PrimaryKeyConstraint("state_hash", name="pk_provider_visits"),
        schema="identity",
    )
    _index("provider_visits", "expires_at")


def _create_proofs() -> None:
    op.create_table(
        "provider_proofs",
        sa.Column("code_hash", sa.LargeBinary(32), nullable=False),
        *_texts(("code_challenge", 43), ("provider", 32), ("issuer", 255), ("subject", 255)),
        *_texts(("email", 254), ("label", 254), nullable=True),
        *_moments("expires_at"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_provider_proofs"),
        schema="identity",
    )
    _index("provider_proofs", "expires_at")


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column], schema="identity")


def downgrade() -> None:
    for table in ("provider_proofs", "provider_visits", "federated_identities"):
        op.drop_table(table, schema="identity")
