"""Products in other languages, and the slugs they have there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "catalog_0013"
down_revision = "catalog_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Made anew it is asked after that of the name, which tells more.
    op.drop_constraint("uq_brands_slug", "brands", schema="catalog")
    op.create_unique_constraint("uq_brands_slug", "brands", ["slug"], schema="catalog")
    op.add_column(
        "products",
        sa.Column(
            "translations",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        schema="catalog",
    )
    op.create_table(
        "translated_slugs",
        sa.Column("locale", sa.String(length=12), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalog.products.id"],
            name=op.f("fk_translated_slugs_product_id_products"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("locale", "slug", name=op.f("pk_translated_slugs")),
        schema="catalog",
    )
    op.create_index(
        op.f("ix_translated_slugs_product_id"), "translated_slugs", ["product_id"], schema="catalog"
    )


def downgrade() -> None:
    op.drop_table("translated_slugs", schema="catalog")
    op.drop_column("products", "translations", schema="catalog")
