"""Media of products: what is said of each picture, whose content is not in the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "catalog_0015"
down_revision = "catalog_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt_text", sa.String(length=200), nullable=False),
        sa.Column("content_type", sa.String(length=20), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalog.products.id"],
            name=op.f("fk_media_product_id_products"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("product_id", "sha256", name=op.f("uq_media_product_id_sha256")),
        schema="catalog",
    )
    for columns in (["product_id", "position", "id"], ["sha256"]):
        name = op.f("_".join(["ix", "media", *columns]))
        op.create_index(name, "media", columns, schema="catalog")


def downgrade() -> None:
    op.drop_table("media", schema="catalog")
