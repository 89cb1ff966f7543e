"""Indexes for lists that are read along each way in which the policy shows them."""

from __future__ import annotations

from alembic import op

revision = "catalog_0002"
down_revision = "catalog_0001"
branch_labels = None
depends_on = None

LISTS = [(by, key) for by in ("owner_id", "category_id") for key in ("name", "amount")]


def upgrade() -> None:
    for by, key in LISTS:
        op.create_index(_name(by, key), "products", [by, key, "id"], schema="catalog")


def downgrade() -> None:
    for by, key in reversed(LISTS):
        op.drop_index(_name(by, key), table_name="products", schema="catalog")


def _name(by: str, key: str) -> str:
    return f"ix_products_{by}_{key}_id"
