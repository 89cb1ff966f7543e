"""Price lists, whose prices of the same never overlap, and what became of every price.

The extension is a trusted one: whoever owns the database may make it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "catalog_0010"
down_revision = "catalog_0009"
branch_labels = None
depends_on = None

OVERLAP = """
    alter table catalog.prices add constraint ex_prices_overlap exclude using gist (
        coalesce(variant_id, product_id) with =,
        currency with =,
        tstzrange(starts_at, ends_at) with &&
    )
"""
# Somebody may have made it already, elsewhere: then it is not ours to drop.
OURS = """
    select exists (
        select from pg_extension e join pg_namespace n on n.oid = e.extnamespace
        where e.extname = 'btree_gist' and n.nspname = 'catalog'
    )
"""
INDEXES = {
    "prices": (["product_id", "starts_at", "id"], ["variant_id"]),
    "price_changes": (["product_id", "occurred_at", "id"],),
}


def upgrade() -> None:
    op.execute("create extension if not exists btree_gist with schema catalog")
    op.create_table(
        "prices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=13, scale=3), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["catalog.products.id"],
            name=op.f("fk_prices_product_id_products"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["catalog.variants.id"],
            name=op.f("fk_prices_variant_id_variants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prices")),
        schema="catalog",
    )
    op.execute(OVERLAP)
    op.create_table(
        "price_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=True),
        sa.Column("old_amount", sa.Numeric(precision=13, scale=3), nullable=True),
        sa.Column("old_currency", sa.String(length=3), nullable=True),
        sa.Column("amount", sa.Numeric(precision=13, scale=3), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_changes")),
        schema="catalog",
        info={"append_only": True},
    )
    for table, indexes in INDEXES.items():
        for columns in indexes:
            name = op.f("_".join(["ix", table, *columns]))
            op.create_index(name, table, columns, schema="catalog")


def downgrade() -> None:
    for table in ("price_changes", "prices"):
        op.drop_table(table, schema="catalog")
    if op.get_bind().scalar(sa.text(OURS)):
        op.execute("drop extension btree_gist")
