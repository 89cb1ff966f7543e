"""Refusals on PostgreSQL, and the deletion of what is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import Delete

from modules.access.adapters.sql.tables import assignments, decisions, object_grants
from modules.access.ports import Refusal
from shared_kernel.adapters.sql import Database
from shared_kernel.adapters.sql.failures import named_refusals


@dataclass(frozen=True, slots=True)
class SqlRefusalLog:
    """Saves each refusal in a transaction of its own."""

    database: Database

    async def keep(self, refusal: Refusal) -> None:
        with named_refusals({}):
            async with self.database.session.begin() as session:
                await session.execute(insert(decisions).values(asdict(refusal)))


@dataclass(frozen=True, slots=True)
class SqlLeftovers:
    """Deletes in transactions of their own."""

    database: Database

    async def forget_ended(self, at: datetime) -> Mapping[str, int]:
        return {
            table.name: await self._delete(delete(table).where(table.c.expires_at <= at))
            for table in (assignments, object_grants)
        }

    async def forget_refusals(self, before: datetime) -> int:
        return await self._delete(delete(decisions).where(decisions.c.occurred_at < before))

    async def shared_objects(self, resource: str, after: UUID, *, limit: int) -> Sequence[UUID]:
        object_id = object_grants.c.object_id
        shared = select(object_id).where(object_grants.c.resource == resource, object_id > after)
        async with self.database.session() as session:
            found = await session.scalars(shared.distinct().order_by(object_id).limit(limit))
            return list(found)

    async def forget_grants(self, resource: str, objects: Collection[UUID]) -> int:
        columns = object_grants.c
        return await self._delete(
            delete(object_grants).where(
                columns.resource == resource, columns.object_id.in_(list(objects))
            )
        )

    async def _delete(self, statement: Delete) -> int:
        with named_refusals({}):
            async with self.database.session.begin() as session:
                deleted = cast("CursorResult[Any]", await session.execute(statement))
                return deleted.rowcount
