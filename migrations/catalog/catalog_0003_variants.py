"""Variants of products."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "catalog_0003"
down_revision = "catalog_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "variants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("barcode", sa.String(length=14), nullable=True),
        sa.Column("amount", sa.Numeric(precision=13, scale=3), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalog.products.id"],
            name=op.f("fk_variants_product_id_products"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
        sa.UniqueConstraint("sku", name=op.f("uq_variants_sku")),
        sa.UniqueConstraint("product_id", "options", name=op.f("uq_variants_product_id_options")),
        schema="catalog",
    )
    op.create_index(
        op.f("ix_variants_product_id_position_id"),
        "variants",
        ["product_id", "position", "id"],
        unique=False,
        schema="catalog",
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_variants_product_id_position_id"), table_name="variants", schema="catalog"
    )
    op.drop_table("variants", schema="catalog")
