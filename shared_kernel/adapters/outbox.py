"""Events are saved in the transaction that made them true, once for each subscriber to hear."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    Uuid,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shared_kernel.adapters.inbox import inbox, metadata, remember, remembered
from shared_kernel.adapters.sql.columns import moment
from shared_kernel.adapters.sql.journal import Addition, add_together, rows_in
from shared_kernel.domain import DomainEvent, new_id

__all__ = ["OUTBOX_TOPIC", "SqlOutbox", "Subscribers", "deliveries", "inbox", "metadata", "outbox"]

OUTBOX_TOPIC = "outbox"


class OutboxColumns(TypedColumns):
    position: Named[int] = Column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Named[UUID] = Column(Uuid, nullable=False, unique=True)
    kind: Named[str] = Column(String(200), nullable=False)
    subject_id: Named[UUID] = Column(Uuid, nullable=False)
    occurred_at: Named[datetime] = Column(moment(), nullable=False)
    body: Named[Mapping[str, Any]] = Column(JSONB[Mapping[str, Any]](), nullable=False)


class DeliveryColumns(TypedColumns):
    position: Named[int] = Column(
        BigInteger, ForeignKey("platform.outbox.position", ondelete="CASCADE"), primary_key=True
    )
    subscriber: Named[str] = Column(String(200), primary_key=True)
    subject_id: Named[UUID] = Column(Uuid, nullable=False)
    attempts: Named[int] = Column(Integer, nullable=False, server_default="0")
    due_at: Named[datetime] = Column(moment(), nullable=False, server_default=func.now())
    last_error: Named[str | None] = Column(Text)


outbox = Table("outbox", metadata, OutboxColumns)
deliveries = Table("deliveries", metadata, DeliveryColumns)
Index(None, deliveries.c.subscriber, deliveries.c.position)
Index(None, deliveries.c.subscriber, deliveries.c.subject_id, deliveries.c.position)

Subscribers = Mapping[str, Sequence[str]]
"""Event kind -> the names of those who hear it."""

TOLD_COLUMNS = [one for one in outbox.c if one is not outbox.c.position]


def _told() -> CTE:
    """Return what saves events. Positions are given in the order of the rows.

    So events of one subject stay in order.
    """
    given = rows_in("events", [*TOLD_COLUMNS, Column("place", Integer)])
    names = [one.name for one in TOLD_COLUMNS]
    in_order = select(*[given.c[one] for one in names]).order_by(given.c.place)
    saved = insert(outbox).from_select(names, in_order)
    return saved.returning(outbox.c.position, outbox.c.event_id, outbox.c.subject_id).cte("events")


def _due(told: CTE) -> CTE:
    """Return what saves who has to hear of the events."""
    who = rows_in("due", [outbox.c.event_id, deliveries.c.subscriber])
    found = select(told.c.position, who.c.subscriber, told.c.subject_id).join(
        told, told.c.event_id == who.c.event_id
    )
    names = ["position", "subscriber", "subject_id"]
    return insert(deliveries).from_select(names, found).cte("due")


TOLD = _told()
DUE = _due(TOLD)

_json = TypeAdapter[Any](Any)


class SqlOutbox:
    """Keeps events in `platform.outbox`, and one row in `platform.deliveries` per subscriber."""

    def __init__(self, subscribers: Subscribers, signal: Callable[[str], None]) -> None:
        self._subscribers, self._signal = subscribers, signal

    async def write(
        self,
        session: AsyncSession,
        events: Sequence[DomainEvent],
        besides: Sequence[Addition] = (),
    ) -> None:
        await add_together(session, [*self._saving(events), *besides])
        await remember(session)

    def heard(self, events: Sequence[DomainEvent]) -> Sequence[DomainEvent]:
        heard = {kind for kind in {type(one) for one in events} if kind.kind() in self._subscribers}
        return [event for event in events if type(event) in heard]

    def wake(self, events: Sequence[DomainEvent]) -> None:
        remembered()
        if any(event.kind() in self._subscribers for event in events):
            self._signal(OUTBOX_TOPIC)

    def _saving(self, events: Sequence[DomainEvent]) -> Iterator[Addition]:
        if not events:
            return
        rows = [_row(place, event) for place, event in enumerate(events)]
        yield Addition((TOLD,), {"events": rows})
        due = [
            {"event_id": row["event_id"], "subscriber": name}
            for row in rows
            for name in self._subscribers.get(row["kind"], ())
        ]
        if due:
            yield Addition((DUE,), {"due": due})


def _row(place: int, event: DomainEvent) -> dict[str, Any]:
    return {
        "place": place,
        "event_id": str(new_id()),
        "kind": event.kind(),
        "subject_id": str(event.subject_id),
        "occurred_at": event.occurred_at.isoformat(),
        "body": _json.dump_python(asdict(event), mode="json"),
    }
