"""Runs revisions, one process at a time, and leaves the run-time role its rights."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from bootstrap.migrate.branches import Branches
from bootstrap.migrate.connection import Patience, in_turn, lock_was_missed
from bootstrap.revisions import PLATFORM


def upgrade(
    url: str,
    *,
    app_role: str | None = None,
    patience: Patience | None = None,
    branches: Branches | None = None,
) -> Sequence[str]:
    """Bring every schema to its head, and let `app_role` use what is there.

    Returns the revisions applied. Raises MigrationFailed. Whatever stops it, a kill included,
    running it again goes on where it was.
    """
    return _run(
        url,
        patience or Patience(),
        branches or Branches(),
        lambda settings: command.upgrade(settings, "heads"),
        app_role,
    )


def downgrade(
    url: str,
    revision: str,
    *,
    app_role: str | None = None,
    patience: Patience | None = None,
    branches: Branches | None = None,
) -> Sequence[str]:
    """Take revisions back, down to the one named (`catalog_0003`, or `catalog@base`)."""
    return _run(
        url,
        patience or Patience(),
        branches or Branches(),
        lambda settings: command.downgrade(settings, revision),
        app_role,
    )


def _run(
    url: str,
    patience: Patience,
    branches: Branches,
    move: Callable[[Config], None],
    app_role: str | None,
) -> Sequence[str]:
    passed: list[str] = []

    def note(*, step: Any, **_: object) -> None:
        passed.append(str(step.up_revision_id))

    def work(connection: Connection) -> None:
        create_schemas(connection, branches)
        move(branches.config(connection, transaction_per_migration=True, on_version_apply=note))
        if app_role:
            _grant(connection, branches, app_role)
            connection.commit()

    in_turn(url, patience, lambda connection: _retried(connection, work, patience))
    return passed


def _retried(
    connection: Connection, work: Callable[[Connection], None], patience: Patience
) -> None:
    for left in reversed(range(patience.attempts)):
        try:
            work(connection)
        except DBAPIError as error:
            connection.rollback()
            if not left or not lock_was_missed(error):
                raise
            time.sleep(patience.pause)
        else:
            return


def create_schemas(connection: Connection, branches: Branches) -> None:
    """Create what the branches stand in, Alembic's own table included, before any of them runs."""
    for name in branches.schemas:
        connection.execute(text(f"create schema if not exists {name}"))
    connection.commit()


def _grant(connection: Connection, branches: Branches, role: str) -> None:
    """Let the run-time role read and write rows, and nothing else.

    Tables that are only added to stay so, and which revisions were applied is not its business
    to say. Rights are given anew after every run: those of a table made in it, too.
    """
    to = connection.dialect.identifier_preparer.quote(role)
    for name in branches.schemas:
        connection.execute(text(f"grant usage on schema {name} to {to}"))
        rows = f"grant select, insert, update, delete on all tables in schema {name} to {to}"
        connection.execute(text(rows))
    for table in _only_added_to(connection, branches):
        connection.execute(text(f"revoke update, delete, truncate on {table} from {to}"))
    versions = f"{PLATFORM}.alembic_version"
    connection.execute(text(f"revoke insert, update, delete on {versions} from {to}"))


def _only_added_to(connection: Connection, branches: Branches) -> list[str]:
    """Return the append-only tables that are there: those of a branch not run yet are not."""
    look = inspect(connection)
    return [
        table.fullname
        for name, metadata in branches.schemas.items()
        for table in metadata.tables.values()
        if table.info.get("append_only") and look.has_table(table.name, schema=name)
    ]
