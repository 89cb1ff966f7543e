"""Steps of a revision that leave the application at work: for tables that may be large.

Each commits by itself, and a kill, or a lock that was missed, has the whole revision run again:
so whatever stands beside them in a revision has to bear being run twice.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager

from alembic import op
from sqlalchemy import TextClause, text

# Waiting here makes nobody else wait, unlike everywhere else in a migration.
PATIENCE = "10min"

BROKEN = text("""
    select exists (select from pg_index where indexrelid = to_regclass(:index) and not indisvalid)
""")


@contextmanager
def online() -> Generator[None]:
    """Run statements outside a transaction, with patience for whoever is at work."""
    with op.get_context().autocommit_block():
        here = op.get_bind()
        patience = str(here.scalar(text("show lock_timeout")))
        here.execute(text(f"set lock_timeout = '{PATIENCE}'"))
        try:
            yield
        finally:
            here.execute(text(f"set lock_timeout = '{patience}'"))


def create_index(
    name: str,
    table: str,
    columns: Sequence[str | TextClause],
    *,
    schema: str,
    using: str = "btree",
    operators: dict[str, str] | None = None,
    unique: bool = False,
    where: str | None = None,
) -> None:
    """Build an index while the table is written to. One that a kill left half built is replaced.

    Inside `online()`.
    """
    if op.get_bind().scalar(BROKEN, {"index": f"{schema}.{name}"}):
        drop_index(name, table, schema=schema)
    op.create_index(
        name,
        table,
        list(columns),
        schema=schema,
        unique=unique,
        postgresql_using=using,
        postgresql_ops=operators or {},
        postgresql_where=None if where is None else text(where),
        postgresql_concurrently=True,
        if_not_exists=True,
    )


def drop_index(name: str, table: str, *, schema: str) -> None:
    """Take an index away while the table is used. Inside `online()`."""
    op.drop_index(
        name, table_name=table, schema=schema, postgresql_concurrently=True, if_exists=True
    )


def fill(statement: str) -> None:
    """Run a statement that changes some rows until it finds none. Inside `online()`."""
    while op.get_bind().execute(text(statement)).rowcount:
        pass
