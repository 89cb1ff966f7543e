"""Get, add and remove the aggregates of one kind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from shared_kernel.adapters.sql.unit_of_work import SqlUnitOfWork
from shared_kernel.domain import Aggregate, NotFound

A = TypeVar("A", bound=Aggregate)

INNER_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


class SqlRepository(Generic[A]):
    """Aggregates of one kind inside one unit of work. `missing` is raised when there is none."""

    aggregate: type[A]
    missing: ClassVar[type[NotFound]]

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow, self._session = uow, uow.session

    async def get(self, id: UUID) -> A:
        """Return the aggregate. Raises `missing`."""
        return self._found(await self._session.get(self.aggregate, id))

    async def get_locked(self, id: UUID) -> A:
        """Return the aggregate, and keep others from changing it until the transaction ends."""
        return self._found(await self._session.get(self.aggregate, id, with_for_update=True))

    def add(self, aggregate: A) -> None:
        self._session.add(aggregate)
        self._uow.added(aggregate)

    async def remove(self, aggregate: A) -> None:
        await self._session.delete(aggregate)

    def _found(self, aggregate: A | None) -> A:
        if aggregate is None:
            name = INNER_CAPITAL.sub(" ", self.aggregate.__name__).lower()
            raise self.missing(f"there is no such {name}")
        self._uow.seen.append(aggregate)
        return aggregate

    def _tracked(self, aggregates: Iterable[A]) -> list[A]:
        listed = list(aggregates)
        self._uow.seen.extend(listed)
        return listed
