"""Indexes for lists that are read along each way in which the policy shows them."""

from __future__ import annotations

from bootstrap.migrate.online import create_index, drop_index, online

revision = "catalog_0002"
down_revision = "catalog_0001"
branch_labels = None
depends_on = None

LISTS = [(by, key) for by in ("owner_id", "category_id") for key in ("name", "amount")]


def upgrade() -> None:
    with online():
        for by, key in LISTS:
            create_index(_name(by, key), "products", [by, key, "id"], schema="catalog")


def downgrade() -> None:
    with online():
        for by, key in reversed(LISTS):
            drop_index(_name(by, key), "products", schema="catalog")


def _name(by: str, key: str) -> str:
    return f"ix_products_{by}_{key}_id"
