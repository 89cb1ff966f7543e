"""Stock of variants, its ledger, and what is set aside of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "catalog_0008"
down_revision = "catalog_0007"
branch_labels = None
depends_on = None

STATES = ("held", "committed", "released", "expired")
CAUSES = (
    *("received", "sold", "returned", "damaged", "lost", "found", "counted", "other"),
    *("reserved", *STATES[1:]),
)
INDEXES = {
    "reservations": (
        ["variant_id", "state", "expires_at"],
        ["variant_id", "created_at", "id"],
        ["state", "expires_at"],
    ),
    "stock_movements": (["variant_id", "occurred_at", "id"],),
}


def upgrade() -> None:
    op.create_table(
        "stocks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("low_mark", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "0 <= reserved and reserved <= on_hand", name=op.f("ck_stocks_nothing_below_zero")
        ),
        sa.ForeignKeyConstraint(
            ["id"],
            ["catalog.variants.id"],
            name=op.f("fk_stocks_id_variants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocks")),
        schema="catalog",
    )
    op.create_table(
        "reservations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="reservationstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["variant_id"],
            ["catalog.variants.id"],
            name=op.f("fk_reservations_variant_id_variants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
        schema="catalog",
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum(*CAUSES, name="cause", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("reserved_change", sa.Integer(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
        schema="catalog",
        info={"append_only": True},
    )
    for table, indexes in INDEXES.items():
        for columns in indexes:
            op.create_index(_name(table, columns), table, columns, schema="catalog")


def downgrade() -> None:
    for table in ("stock_movements", "reservations", "stocks"):
        op.drop_table(table, schema="catalog")


def _name(table: str, columns: list[str]) -> str:
    return op.f("_".join(["ix", table, *columns]))
