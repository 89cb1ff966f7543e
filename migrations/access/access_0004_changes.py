"""What changed last by which version of the policy: accounts and roles, or the rules themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "access_0004"
down_revision = "access_0003"
branch_labels = None
depends_on = None

# Written where the rows change, so that no way of changing them passes it by. The rules, which are
# read as a whole, have an id that nothing else has.
FUNCTION = """
create function access.note_given() returns trigger language plpgsql as $$
declare
    changed uuid;
begin
    foreach changed in array case tg_op
        when 'INSERT' then array[access.grantee(to_jsonb(new))]
        when 'DELETE' then array[access.grantee(to_jsonb(old))]
        else array[access.grantee(to_jsonb(old)), access.grantee(to_jsonb(new))]
    end loop
        perform access.note(changed);
    end loop;
    return null;
end $$
"""
NOTE = """
create function access.note(what uuid) returns void language sql as $$
    insert into access.changes as known (subject_id, version)
        values (what, coalesce((select version from access.policy_version), 0))
        on conflict (subject_id) do update set version = excluded.version
        where known.version <> excluded.version
$$
"""
RULES = """
create function access.note_rules() returns trigger language plpgsql as $$
begin
    perform access.note('00000000-0000-0000-0000-000000000000');
    return null;
end $$
"""
GRANTEE = """
create function access.grantee(row_changed jsonb) returns uuid language sql immutable as $$
    select coalesce(row_changed->>'account_id', row_changed->>'role_id')::uuid
$$
"""
TRIGGER = """
create trigger note_given after insert or update or delete on access.{table}
    for each row execute function access.note_given()
"""
RULES_TRIGGER = """
create trigger note_rules after insert or update or delete or truncate on access.{table}
    for each statement execute function access.note_rules()
"""
GIVEN = ("assignments", "object_grants")
RULE_TABLES = (
    *("roles", "grants", "role_parents"),
    *("policies", "policy_roles", "policy_permissions"),
)


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_changes")),
        schema="access",
    )
    op.create_index(
        op.f("ix_changes_version"),
        "changes",
        ["version"],
        unique=False,
        schema="access",
    )
    for function in (NOTE, GRANTEE, FUNCTION, RULES):
        op.execute(function)
    for table in GIVEN:
        op.execute(TRIGGER.format(table=table))
    for table in RULE_TABLES:
        op.execute(RULES_TRIGGER.format(table=table))


def downgrade() -> None:
    for table in RULE_TABLES:
        op.execute(f"drop trigger note_rules on access.{table}")
    for table in GIVEN:
        op.execute(f"drop trigger note_given on access.{table}")
    for function in ("note_rules()", "note_given()", "grantee(jsonb)", "note(uuid)"):
        op.execute(f"drop function access.{function}")
    op.drop_index(op.f("ix_changes_version"), table_name="changes", schema="access")
    op.drop_table("changes", schema="access")
