"""The history of products."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "catalog_0009"
down_revision = "catalog_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "product_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("impersonator_id", sa.Uuid(), nullable=True),
        sa.Column("happened", sa.ARRAY(sa.String(length=100)), nullable=False),
        sa.Column("changes", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalog.products.id"],
            name=op.f("fk_product_history_product_id_products"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_history")),
        schema="catalog",
    )
    op.create_index(
        op.f("ix_product_history_product_id_version_id"),
        "product_history",
        ["product_id", "version", "id"],
        schema="catalog",
    )


def downgrade() -> None:
    op.drop_table("product_history", schema="catalog")
