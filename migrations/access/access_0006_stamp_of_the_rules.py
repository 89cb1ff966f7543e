"""Each change of the rules is told from the one before, also under the same version."""

from __future__ import annotations

from alembic import op

revision = "access_0006"
down_revision = "access_0005"
branch_labels = None
depends_on = None

# The row is written though it stays the same: who wrote it last tells whether what was read of the
# rules is still what is stored.
ALWAYS = """
create or replace function access.note_rules() returns trigger language plpgsql as $$
begin
    insert into access.changes (subject_id, version)
        values (
            '00000000-0000-0000-0000-000000000000',
            coalesce((select version from access.policy_version), 0)
        )
        on conflict (subject_id) do update set version = excluded.version;
    return null;
end $$
"""
ONCE = """
create or replace function access.note_rules() returns trigger language plpgsql as $$
begin
    perform access.note('00000000-0000-0000-0000-000000000000');
    return null;
end $$
"""


def upgrade() -> None:
    op.execute(ALWAYS)


def downgrade() -> None:
    op.execute(ONCE)
