"""Aggregates of one kind in memory, as a transaction sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Generic, TypeVar
from uuid import UUID

from shared_kernel.domain import Aggregate, DomainEvent

A = TypeVar("A", bound=Aggregate)


class FakeRows(Generic[A]):
    """Aggregates of one kind inside one transaction: copies of what the store holds."""

    def __init__(self, stored: Mapping[UUID, A]) -> None:
        self.rows = {id: copied(one) for id, one in stored.items()}
        self._before = {id: _values(one) for id, one in stored.items()}
        self._gone: list[A] = []

    def add(self, aggregate: A) -> None:
        self.rows[aggregate.id] = aggregate

    def begin(self, aggregate: A) -> None:
        """Have an aggregate as if it had been stored already."""
        self.rows[aggregate.id] = aggregate
        self._before[aggregate.id] = _values(aggregate)

    async def remove(self, aggregate: A) -> None:
        self._gone.append(self.rows.pop(aggregate.id))

    def kept(self) -> dict[UUID, A]:
        """Return what the store holds after the commit; a change is a new version."""
        for id, one in self.rows.items():
            if id not in self._before:
                one.version = 1  # as for mapped classes, which have none until they are stored
            elif _values(one) != self._before[id]:
                one.version += 1
        return self.rows

    def events(self) -> Iterable[DomainEvent]:
        """Hand over what the aggregates recorded."""
        for aggregate in [*self.rows.values(), *self._gone]:
            yield from aggregate.release_events()


def _values(aggregate: Aggregate) -> dict[str, Any]:
    return {one.name: getattr(aggregate, one.name) for one in fields(aggregate)}


def copied(aggregate: A) -> A:
    values = _values(aggregate)
    version = values.pop("version")
    copy = type(aggregate)(**values)
    copy.version = version
    return copy
