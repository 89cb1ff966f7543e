"""Events are saved in the transaction that made them true, once for each subscriber to hear."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import (
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
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shared_kernel.adapters.inbox import inbox, metadata, remember, remembered
from shared_kernel.adapters.sql.columns import moment
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

# Positions are given in the order of the rows: events of one subject stay in order.
WRITE = insert(outbox).returning(outbox.c.position, sort_by_parameter_order=True)

_json = TypeAdapter[Any](Any)


class SqlOutbox:
    """Keeps events in `platform.outbox`, and one row in `platform.deliveries` per subscriber."""

    def __init__(self, subscribers: Subscribers, signal: Callable[[str], None]) -> None:
        self._subscribers, self._signal = subscribers, signal

    async def write(self, session: AsyncSession, events: Sequence[DomainEvent]) -> None:
        if events:
            positions = await session.scalars(WRITE, [_row(event) for event in events])
            due = self._due(zip(positions.all(), events, strict=True))
            if due:
                await session.execute(insert(deliveries), due)
        await remember(session)

    def wake(self, events: Sequence[DomainEvent]) -> None:
        remembered()
        if any(event.kind() in self._subscribers for event in events):
            self._signal(OUTBOX_TOPIC)

    def _due(self, saved: Iterable[tuple[int, DomainEvent]]) -> list[dict[str, Any]]:
        return [
            {"position": position, "subscriber": name, "subject_id": event.subject_id}
            for position, event in saved
            for name in self._subscribers.get(event.kind(), ())
        ]


def _row(event: DomainEvent) -> dict[str, Any]:
    return {
        "event_id": new_id(),
        "kind": event.kind(),
        "subject_id": event.subject_id,
        "occurred_at": event.occurred_at,
        "body": _json.dump_python(asdict(event), mode="json"),
    }
