"""The version of an object and what a policy reads of it: all else of its row is left alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Uuid, bindparam, select

from shared_kernel.adapters.sql.conditions import Columns
from shared_kernel.adapters.sql.database import Database
from shared_kernel.adapters.sql.guarded import ID, facts_in
from shared_kernel.adapters.sql.queries import Query
from shared_kernel.application.versions import Head


class SqlHeads:
    """Reads heads by `resource.id`. Objects that `there` leaves out are no objects at all."""

    def __init__(
        self,
        database: Database,
        columns: Columns,
        version: Column[int],
        *there: ColumnElement[bool],
    ) -> None:
        self._database, self._paths = database, tuple(columns)
        is_meant = columns[ID] == bindparam("id", type_=Uuid)
        read = select(version, *columns.values()).where(is_meant, *there)
        self._head = Query(read, self._shown)

    async def head(self, id: UUID) -> Head | None:
        return await self._head.first(self._database.reads, id=id)

    def _shown(self, version: int, *values: Any) -> Head:
        return Head(version, facts_in(self._paths, values))
