"""Categories and products, and an index for every order they are listed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "catalog_0001"
down_revision = None
branch_labels = ("catalog",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_categories_not_its_own_parent")),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["catalog.categories.id"],
            name=op.f("fk_categories_parent_id_categories"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("external_id", name=op.f("uq_categories_external_id")),
        schema="catalog",
    )
    op.create_index(
        op.f("ix_categories_name_id"), "categories", ["name", "id"], unique=False, schema="catalog"
    )
    op.create_index(
        op.f("ix_categories_parent_id_name_id"),
        "categories",
        ["parent_id", "name", "id"],
        unique=False,
        schema="catalog",
    )
    op.create_index(
        op.f("ix_categories_parent_id_position_id"),
        "categories",
        ["parent_id", "position", "id"],
        unique=False,
        schema="catalog",
    )
    op.create_index(
        op.f("ix_categories_position_id"),
        "categories",
        ["position", "id"],
        unique=False,
        schema="catalog",
    )
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=13, scale=3), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "published",
                "archived",
                "withdrawn",
                name="status",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_products_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["catalog.categories.id"],
            name=op.f("fk_products_category_id_categories"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("sku", name=op.f("uq_products_sku")),
        schema="catalog",
    )
    op.create_index(
        op.f("ix_products_amount_id"), "products", ["amount", "id"], unique=False, schema="catalog"
    )
    op.create_index(
        op.f("ix_products_category_id_created_at_id"),
        "products",
        ["category_id", "created_at", "id"],
        unique=False,
        schema="catalog",
    )
    op.create_index(
        op.f("ix_products_created_at_id"),
        "products",
        ["created_at", "id"],
        unique=False,
        schema="catalog",
    )
    op.create_index(
        "ix_products_lower_name",
        "products",
        [sa.literal_column('(lower(name) COLLATE "C")')],
        unique=False,
        schema="catalog",
    )
    op.create_index(
        op.f("ix_products_name_id"), "products", ["name", "id"], unique=False, schema="catalog"
    )
    op.create_index(
        op.f("ix_products_owner_id_created_at_id"),
        "products",
        ["owner_id", "created_at", "id"],
        unique=False,
        schema="catalog",
    )
    op.create_index(
        op.f("ix_products_status_amount_id"),
        "products",
        ["status", "amount", "id"],
        unique=False,
        schema="catalog",
    )
    op.create_index(
        op.f("ix_products_status_created_at_id"),
        "products",
        ["status", "created_at", "id"],
        unique=False,
        schema="catalog",
    )
    op.create_index(
        op.f("ix_products_status_name_id"),
        "products",
        ["status", "name", "id"],
        unique=False,
        schema="catalog",
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_products_status_name_id"), table_name="products", schema="catalog")
    op.drop_index(op.f("ix_products_status_created_at_id"), table_name="products", schema="catalog")
    op.drop_index(op.f("ix_products_status_amount_id"), table_name="products", schema="catalog")
    op.drop_index(
        op.f("ix_products_owner_id_created_at_id"), table_name="products", schema="catalog"
    )
    op.drop_index(op.f("ix_products_name_id"), table_name="products", schema="catalog")
    op.drop_index("ix_products_lower_name", table_name="products", schema="catalog")
    op.drop_index(op.f("ix_products_created_at_id"), table_name="products", schema="catalog")
    op.drop_index(
        op.f("ix_products_category_id_created_at_id"), table_name="products", schema="catalog"
    )
    op.drop_index(op.f("ix_products_amount_id"), table_name="products", schema="catalog")
    op.drop_table("products", schema="catalog")
    op.drop_index(op.f("ix_categories_position_id"), table_name="categories", schema="catalog")
    op.drop_index(
        op.f("ix_categories_parent_id_position_id"), table_name="categories", schema="catalog"
    )
    op.drop_index(
        op.f("ix_categories_parent_id_name_id"), table_name="categories", schema="catalog"
    )
    op.drop_index(op.f("ix_categories_name_id"), table_name="categories", schema="catalog")
    op.drop_table("categories", schema="catalog")
