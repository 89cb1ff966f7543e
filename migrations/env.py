"""Alembic's environment: every branch against one database, one process at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from alembic import context
from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared_kernel.adapters.sql.database import engine_url

LOCK = 7_302_115_468_012_338_001  # any number, the same for every process that migrates

settings = context.config.attributes
schemas: Mapping[str, MetaData] = settings["schemas"]
only: str | None = settings.get("only")
app_role: str | None = settings.get("app_role")


def mine(name: str | None, kind: str, _parents: Any) -> bool:
    """Look only at the schemas of the modules, or at the one asked for."""
    return kind != "schema" or (name in schemas if only is None else name == only)


def run(connection: Connection) -> None:
    """Migrate in one transaction, and leave the rights of the run-time role as they should be."""
    connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
    connection.execute(text("set local lock_timeout = '5s'"))
    for name in schemas:
        connection.execute(text(f"create schema if not exists {name}"))
    wanted = [schemas[only]] if only else list(schemas.values())
    context.configure(
        connection=connection,
        target_metadata=wanted,
        include_schemas=True,
        include_name=mine,
        compare_type=True,
        compare_server_default=True,
        version_table_schema="platform",
    )
    context.run_migrations()
    if app_role:
        grant(connection, app_role)


def grant(connection: Connection, role: str) -> None:
    """Let the run-time role read and write rows, and nothing else; append-only tables stay so."""
    to = connection.dialect.identifier_preparer.quote(role)
    for name in schemas:
        connection.execute(text(f"grant usage on schema {name} to {to}"))
        rows = f"grant select, insert, update, delete on all tables in schema {name} to {to}"
        connection.execute(text(rows))
    for table in _only_added_to(connection):
        connection.execute(text(f"revoke update, delete, truncate on {table} from {to}"))
    versions = "platform.alembic_version"
    connection.execute(text(f"revoke insert, update, delete on {versions} from {to}"))


def _only_added_to(connection: Connection) -> list[str]:
    """Return the append-only tables that are there: a new module's come with its revision."""
    look = inspect(connection)
    return [
        table.fullname
        for name, metadata in schemas.items()
        for table in metadata.tables.values()
        if table.info.get("append_only") and look.has_table(table.name, schema=name)
    ]


async def main() -> None:
    """Open one connection and migrate over it."""
    url = engine_url(settings["url"])
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await engine.dispose()


asyncio.run(main())
