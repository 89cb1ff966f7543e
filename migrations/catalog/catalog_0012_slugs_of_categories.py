"""A slug for every category; those there are get one of their name and a part of their id."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "catalog_0012"
down_revision = "catalog_0011"
branch_labels = None
depends_on = None

SLUGS = """
    update catalog.categories set slug = trim(both '-' from
        left(regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g'), 80) || '-' ||
        right(replace(id::text, '-', ''), 12))
"""


def upgrade() -> None:
    op.add_column("categories", sa.Column("slug", sa.String(length=100)), schema="catalog")
    op.execute(SLUGS)
    # The default lets a release before this one go on making categories.
    op.alter_column(
        "categories",
        "slug",
        nullable=False,
        server_default=sa.text("(gen_random_uuid())::text"),
        schema="catalog",
    )
    op.create_unique_constraint(
        op.f("uq_categories_slug"), "categories", ["slug"], schema="catalog"
    )


def downgrade() -> None:
    op.drop_column("categories", "slug", schema="catalog")
