"""What is emptied at once is noticed like any other change: by its own version of the policy."""

from __future__ import annotations

from alembic import op

revision = "access_0005"
down_revision = "access_0004"
branch_labels = None
depends_on = None

# Nothing tells whom the rows were about: everything that was given is read again, under an id that
# nothing else has. Nobody who empties a table by hand counts the version up, so that is done here.
FUNCTION = """
create function access.note_truncated() returns trigger language plpgsql as $$
begin
    update access.policy_version set version = version + 1;
    if tg_table_name in ('assignments', 'object_grants') then
        perform access.note('ffffffff-ffff-ffff-ffff-ffffffffffff');
    end if;
    return null;
end $$
"""
TRIGGER = """
create trigger note_truncated after truncate on access.{table}
    for each statement execute function access.note_truncated()
"""
TABLES = (
    *("assignments", "object_grants", "roles", "grants", "role_parents"),
    *("policies", "policy_roles", "policy_permissions"),
)


def upgrade() -> None:
    op.execute(FUNCTION)
    for table in TABLES:
        op.execute(TRIGGER.format(table=table))


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"drop trigger note_truncated on access.{table}")
    op.execute("drop function access.note_truncated()")
