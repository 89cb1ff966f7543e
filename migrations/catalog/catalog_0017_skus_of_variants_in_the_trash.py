"""Variants of what lies in the trash leave their SKUs to others.

The database notes with each variant since when its product lies there, so that no way to delete
or restore products can forget it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bootstrap.migrate.online import create_index, drop_index, fill, online

revision = "catalog_0017"
down_revision = "catalog_0016"
branch_labels = None
depends_on = None

INDEX = "uq_variants_living_sku"

NOTE = """
create or replace function catalog.note_trash() returns trigger language plpgsql as $$
begin
    update catalog.variants set deleted_at = new.deleted_at where product_id = new.id;
    return null;
end $$
"""
NOTED = """
create or replace trigger note_trash after update of deleted_at on catalog.products
for each row when (old.deleted_at is distinct from new.deleted_at)
execute function catalog.note_trash()
"""
FILL = """
update catalog.variants v set deleted_at = p.deleted_at from catalog.products p
where p.id = v.product_id and v.id in (
    select one.id from catalog.variants one join catalog.products of on of.id = one.product_id
    where of.deleted_at is not null and one.deleted_at is null limit 20000)
"""


def upgrade() -> None:
    column = sa.Column("deleted_at", sa.DateTime(timezone=True))
    op.add_column("variants", column, schema="catalog", if_not_exists=True)
    op.execute(NOTE)
    op.execute(NOTED)
    with online():
        fill(FILL)
        create_index(
            INDEX, "variants", ["sku"], schema="catalog", unique=True, where="deleted_at is null"
        )
    op.execute("alter table catalog.variants drop constraint if exists uq_variants_sku")


def downgrade() -> None:
    op.create_unique_constraint("uq_variants_sku", "variants", ["sku"], schema="catalog")
    with online():
        drop_index(INDEX, "variants", schema="catalog")
    op.execute("drop trigger if exists note_trash on catalog.products")
    op.execute("drop function if exists catalog.note_trash()")
    op.drop_column("variants", "deleted_at", schema="catalog", if_exists=True)
