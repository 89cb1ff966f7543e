"""A slug for every product there is, and the indexes of what is new, made beside the work."""

from __future__ import annotations

from alembic import op

from bootstrap.migrate.online import create_index, drop_index, fill, online

revision = "catalog_0007"
down_revision = "catalog_0006"
branch_labels = None
depends_on = None

# The name, and enough of the id to tell namesakes apart.
SLUGS = """
    update catalog.products set slug = trim(both '-' from
        left(regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g'), 80) || '-' ||
        right(replace(id::text, '-', ''), 12))
    where id in (select id from catalog.products where slug is null limit 20000)
"""
LIVE, IN_TRASH = "deleted_at is null", "deleted_at is not null"
HAS_SLUG, OF_BRAND = "ck_products_has_slug", "fk_products_brand_id_brands"
CONSTRAINTS = {
    HAS_SLUG: "check (slug is not null)",
    OF_BRAND: "foreign key (brand_id) references catalog.brands (id)",
}
NEW = (
    "uq_products_slug",
    "ix_products_brand_id_created_at_id",
    "ix_products_tags",
    "ix_products_deleted_at_id",
)


def upgrade() -> None:
    with online():
        fill(SLUGS)
        _create_indexes()
    for name, what in CONSTRAINTS.items():
        op.execute(f"alter table catalog.products drop constraint if exists {name}")
        op.execute(f"alter table catalog.products add constraint {name} {what} not valid")
    with online():
        for name in CONSTRAINTS:
            op.execute(f"alter table catalog.products validate constraint {name}")
    # The check spares reading the table while nobody can write to it.
    op.alter_column("products", "slug", nullable=False, schema="catalog")
    op.drop_constraint(HAS_SLUG, "products", schema="catalog")
    op.drop_constraint("uq_products_sku", "products", schema="catalog")
    op.execute("alter index catalog.uq_products_sku_live rename to uq_products_sku")


def _create_indexes() -> None:
    # The first is the first to refuse: that the SKU is taken tells more than that the slug is.
    for name, column in (("uq_products_sku_live", "sku"), ("uq_products_slug", "slug")):
        create_index(name, "products", [column], schema="catalog", unique=True, where=LIVE)
    by_brand = ["brand_id", "created_at", "id"]
    create_index("ix_products_brand_id_created_at_id", "products", by_brand, schema="catalog")
    create_index("ix_products_tags", "products", ["tags"], schema="catalog", using="gin")
    in_trash = ["deleted_at", "id"]
    create_index(
        "ix_products_deleted_at_id", "products", in_trash, schema="catalog", where=IN_TRASH
    )


def downgrade() -> None:
    with online():
        for name in NEW:
            drop_index(name, "products", schema="catalog")
    op.execute("delete from catalog.products where deleted_at is not null")
    op.drop_constraint(OF_BRAND, "products", schema="catalog")
    op.drop_index("uq_products_sku", table_name="products", schema="catalog")
    op.create_unique_constraint("uq_products_sku", "products", ["sku"], schema="catalog")
    op.alter_column("products", "slug", nullable=True, schema="catalog")
