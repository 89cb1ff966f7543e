"""events"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "audit_0001"
down_revision = None
branch_labels = ("audit",)
depends_on = None

# Even for the owner of the table, and even where the system runs with the owner's role.
REFUSE = """
create function audit.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege';
end $$;
"""
GUARD = """
create trigger append_only before update or delete or truncate on audit.events
    for each statement execute function audit.refuse_change()
"""
ALWAYS = "alter table audit.events enable always trigger append_only"


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=200), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("done", "refused", name="outcome", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=128), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        schema="audit",
    )
    op.create_index(
        op.f("ix_events_action_occurred_at_id"),
        "events",
        ["action", "occurred_at", "id"],
        unique=False,
        schema="audit",
    )
    op.create_index(
        op.f("ix_events_actor_id_occurred_at_id"),
        "events",
        ["actor_id", "occurred_at", "id"],
        unique=False,
        schema="audit",
    )
    op.create_index(
        op.f("ix_events_occurred_at_id"),
        "events",
        ["occurred_at", "id"],
        unique=False,
        schema="audit",
    )
    op.create_index(
        op.f("ix_events_outcome_occurred_at_id"),
        "events",
        ["outcome", "occurred_at", "id"],
        unique=False,
        schema="audit",
    )
    op.create_index(
        op.f("ix_events_subject_id_occurred_at_id"),
        "events",
        ["subject_id", "occurred_at", "id"],
        unique=False,
        schema="audit",
    )
    for statement in (REFUSE, GUARD, ALWAYS):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_events_subject_id_occurred_at_id"), table_name="events", schema="audit")
    op.drop_index(op.f("ix_events_outcome_occurred_at_id"), table_name="events", schema="audit")
    op.drop_index(op.f("ix_events_occurred_at_id"), table_name="events", schema="audit")
    op.drop_index(op.f("ix_events_actor_id_occurred_at_id"), table_name="events", schema="audit")
    op.drop_index(op.f("ix_events_action_occurred_at_id"), table_name="events", schema="audit")
    op.drop_table("events", schema="audit")
    op.execute("drop function audit.refuse_change()")
