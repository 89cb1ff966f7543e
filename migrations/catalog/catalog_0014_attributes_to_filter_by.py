"""An index to filter products by their attributes."""

from __future__ import annotations

from bootstrap.migrate.online import create_index, drop_index, online

revision = "catalog_0014"
down_revision = "catalog_0013"
branch_labels = None
depends_on = None

NAME = "ix_products_attributes"


def upgrade() -> None:
    with online():
        create_index(NAME, "products", ["attributes"], schema="catalog", using="gin")


def downgrade() -> None:
    with online():
        drop_index(NAME, "products", schema="catalog")
