"""Rows that wait for somebody until they are over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Table, delete, func, insert, select

from shared_kernel.adapters.sql import Addition, row_in, row_values

# Whoever adds a row takes some that are over along: the table stays as small as what is under way.
SWEPT = 20


class Fleeting:
    """Adds rows to a table with an `expires_at`, and sweeps it, in one statement."""

    def __init__(self, table: Table[Any], key: Column[bytes]) -> None:
        over = select(key).where(table.c.expires_at <= func.now()).limit(SWEPT)
        swept = delete(table).where(key.in_(over.with_for_update(skip_locked=True)))
        added = insert(table).values(row_in(table.name, table))
        self._name = table.name
        self._parts = (swept.cte(f"swept_{table.name}"), added.cte(f"added_{table.name}"))

    def addition(self, row: Mapping[str, Any]) -> Addition:
        """Return what adds a row, and deletes a few that are over and nobody else deletes."""
        return Addition(self._parts, row_values(self._name, row))
