"""What the import under way has seen so far."""

import sqlalchemy as sa
from alembic import op

revision = "catalog_0005"
down_revision = "catalog_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imported_skus",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_imported_skus")),
        schema="catalog",
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    op.drop_table("imported_skus", schema="catalog")
