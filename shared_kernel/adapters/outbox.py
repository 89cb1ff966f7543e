"""Events are saved in the transaction that made them true, once for each subscriber to hear."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    MetaData,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    Uuid,
    insert,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from shared_kernel.adapters.sql.columns import module_metadata, moment
from shared_kernel.domain import DomainEvent, new_id

OUTBOX_TOPIC = "outbox"

metadata: MetaData = module_metadata("platform")


class OutboxColumns(TypedColumns):
    position: Named[int] = Column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Named[UUID] = Column(Uuid, nullable=False, unique=True)
    kind: Named[str] = Column(String(200), nullable=False)
    subject_id: Named[UUID] = Column(Uuid, nullable=False)
    occurred_at: Named[datetime] = Column(moment(), nullable=False, index=True)
    body: Named[Mapping[str, Any]] = Column(JSONB[Mapping[str, Any]](), nullable=False)


class DeliveryColumns(TypedColumns):
    event_id: Named[UUID] = Column(
        Uuid, ForeignKey("platform.outbox.event_id", ondelete="CASCADE"), primary_key=True
    )
    subscriber: Named[str] = Column(String(200), primary_key=True)
    attempts: Named[int] = Column(Integer, nullable=False, server_default="0")
    due_at: Named[datetime] = Column(moment(), nullable=False)
    last_error: Named[str | None] = Column(Text)


class InboxColumns(TypedColumns):
    event_id: Named[UUID] = Column(Uuid, primary_key=True)
    subscriber: Named[str] = Column(String(200), primary_key=True)
    handled_at: Named[datetime] = Column(moment(), nullable=False)


outbox = Table("outbox", metadata, OutboxColumns)
deliveries = Table("deliveries", metadata, DeliveryColumns)
inbox = Table("inbox", metadata, InboxColumns)
Index("ix_deliveries_due_at", deliveries.c.due_at)

Subscribers = Mapping[str, Sequence[str]]
"""Event kind -> the names of those who hear it."""

_json = TypeAdapter[Any](Any)


class SqlOutbox:
    """Keeps events in `platform.outbox`, and one row in `platform.deliveries` per subscriber."""

    def __init__(self, subscribers: Subscribers, signal: Callable[[str], None]) -> None:
        self._subscribers, self._signal = subscribers, signal

    async def write(self, session: AsyncSession, events: Sequence[DomainEvent]) -> None:
        if not events:
            return
        rows = [_row(event) for event in events]
        await session.execute(insert(outbox), rows)
        due = [
            {"event_id": row["event_id"], "subscriber": name, "due_at": row["occurred_at"]}
            for row in rows
            for name in self._subscribers.get(row["kind"], ())
        ]
        if due:
            await session.execute(insert(deliveries), due)

    def wake(self, events: Sequence[DomainEvent]) -> None:
        if any(event.kind() in self._subscribers for event in events):
            self._signal(OUTBOX_TOPIC)


def _row(event: DomainEvent) -> dict[str, Any]:
    return {
        "event_id": new_id(),
        "kind": event.kind(),
        "subject_id": event.subject_id,
        "occurred_at": event.occurred_at,
        "body": _json.dump_python(asdict(event), mode="json"),
    }
