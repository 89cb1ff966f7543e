"""Alembic's environment. What runs, over which connection and how, is told by bootstrap.migrate."""

from __future__ import annotations

from alembic import context

told = context.config.attributes
context.configure(connection=told["connection"], **told["options"])
with context.begin_transaction():
    context.run_migrations()
