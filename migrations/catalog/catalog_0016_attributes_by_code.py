"""An index to find what a code means anywhere in the tree."""

from __future__ import annotations

from alembic import op

revision = "catalog_0016"
down_revision = "catalog_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_attributes_code"), "attributes", ["code"], schema="catalog")


def downgrade() -> None:
    op.drop_index(op.f("ix_attributes_code"), "attributes", schema="catalog")
