"""Which accounts and roles were given or lost something, and by which version of the policy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "access_0004"
down_revision = "access_0003"
branch_labels = None
depends_on = None

# Written where the rows change, so that no way of changing them can pass it by.
FUNCTION = """
create function access.note_grantee() returns trigger language plpgsql as $$
declare
    changed uuid;
begin
    foreach changed in array case tg_op
        when 'INSERT' then array[access.grantee(to_jsonb(new))]
        when 'DELETE' then array[access.grantee(to_jsonb(old))]
        else array[access.grantee(to_jsonb(old)), access.grantee(to_jsonb(new))]
    end loop
        insert into access.changed_grantees as known (grantee_id, version)
            values (changed, coalesce((select version from access.policy_version), 0))
            on conflict (grantee_id) do update set version = excluded.version
            where known.version <> excluded.version;
    end loop;
    return null;
end $$
"""
GRANTEE = """
create function access.grantee(row_changed jsonb) returns uuid language sql immutable as $$
    select coalesce(row_changed->>'account_id', row_changed->>'role_id')::uuid
$$
"""
TRIGGER = """
create trigger note_grantee after insert or update or delete on access.{table}
    for each row execute function access.note_grantee()
"""
NOTED = ("assignments", "object_grants")


def upgrade() -> None:
    op.create_table(
        "changed_grantees",
        sa.Column("grantee_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("grantee_id", name=op.f("pk_changed_grantees")),
        schema="access",
    )
    op.create_index(
        op.f("ix_changed_grantees_version"),
        "changed_grantees",
        ["version"],
        unique=False,
        schema="access",
    )
    op.execute(GRANTEE)
    op.execute(FUNCTION)
    for table in NOTED:
        op.execute(TRIGGER.format(table=table))


def downgrade() -> None:
    for table in NOTED:
        op.execute(f"drop trigger note_grantee on access.{table}")
    op.execute("drop function access.note_grantee()")
    op.execute("drop function access.grantee(jsonb)")
    op.drop_index(
        op.f("ix_changed_grantees_version"), table_name="changed_grantees", schema="access"
    )
    op.drop_table("changed_grantees", schema="access")
