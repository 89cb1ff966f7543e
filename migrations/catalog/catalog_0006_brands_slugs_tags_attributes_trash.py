"""Brands; slugs, tags and attributes of products; the time they were put into the trash.

Defaults let a release before this one go on writing products. Rows that were there have no slug
until the next revision.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "catalog_0006"
down_revision = "catalog_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "brands",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brands")),
        sa.UniqueConstraint("slug", name=op.f("uq_brands_slug")),
        schema="catalog",
    )
    op.create_index(op.f("ix_brands_name_id"), "brands", ["name", "id"], schema="catalog")
    op.create_index(
        "uq_brands_lower_name", "brands", [sa.text("lower(name)")], unique=True, schema="catalog"
    )
    for column in (
        sa.Column("slug", sa.String(length=100), nullable=True),
        sa.Column("brand_id", sa.Uuid(), nullable=True),
        sa.Column(
            "tags",
            sa.ARRAY(sa.String(length=50)),
            server_default=sa.text("'{}'::character varying[]"),
            nullable=False,
        ),
        sa.Column(
            "attributes", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("products", column, schema="catalog")
    # Added by itself, it is for new rows only: with the column it would rewrite the table.
    op.alter_column(
        "products", "slug", server_default=sa.text("(gen_random_uuid())::text"), schema="catalog"
    )


def downgrade() -> None:
    for column in ("deleted_at", "attributes", "tags", "brand_id", "slug"):
        op.drop_column("products", column, schema="catalog")
    op.drop_table("brands", schema="catalog")
