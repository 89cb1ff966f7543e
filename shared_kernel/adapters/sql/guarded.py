"""Guarded objects as they are stored, for those who administer rights on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, select

from shared_kernel.adapters.sql.conditions import Columns
from shared_kernel.adapters.sql.database import Database
from shared_kernel.adapters.sql.listing import Listing
from shared_kernel.adapters.sql.queries import Query
from shared_kernel.application import Slice
from shared_kernel.application.conditions import Condition, Facts

ID = "resource.id"


class SqlGuardedObjects:
    """Reads the attributes of objects from the columns they stand in; `resource.id` is the key.

    Those that `there` leaves out are no objects at all.
    """

    def __init__(self, database: Database, columns: Columns, *there: ColumnElement[bool]) -> None:
        self._database, self._paths = database, tuple(columns)
        id = columns[ID]
        wanted = id == any_(bindparam("ids", type_=ARRAY(Uuid)))
        read = select(*columns.values()).where(wanted, *there)
        self._attributes = Query(read, self._facts)
        self._ids = Listing(
            select(id).where(*there), _only, id=id, filters={}, sorts={"id": id}, columns=columns
        )

    async def attributes(self, ids: Sequence[UUID]) -> Mapping[UUID, Facts]:
        found = await self._attributes.all(self._database.reads, ids=list(ids))
        return {one[ID]: one for one in found}

    async def matching(self, condition: Condition, *, limit: int) -> Sequence[UUID]:
        page = await self._ids.page(
            self._database.reads, {}, "id", Slice(limit=limit), within=condition
        )
        return page.items

    def _facts(self, *values: Any) -> dict[str, Any]:
        return facts_in(self._paths, values)


def facts_in(paths: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """Return the attributes read from the columns of a row, by path."""
    return dict(zip(paths, map(_fact, values), strict=True))


def _fact(value: Any) -> Any:
    """Return the value of an attribute: an array is a set."""
    return frozenset(cast("list[str]", value)) if isinstance(value, list) else value


def _only(id: UUID) -> UUID:
    return id
