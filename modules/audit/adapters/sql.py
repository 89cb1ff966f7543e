"""The audit log in PostgreSQL: one table, to which rows are only added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Index,
    Named,
    String,
    Table,
    TypedColumns,
    Uuid,
    bindparam,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from modules.audit.application import AuditEventView, AuditFilter
from modules.audit.domain import (
    ACTION_LENGTH,
    ADDRESS_LENGTH,
    REQUEST_ID_LENGTH,
    fitting,
    fitting_facts,
)
from shared_kernel.adapters.sql import (
    APPEND_ONLY,
    Addition,
    Database,
    Listing,
    add_together,
    choice,
    insertion,
    module_metadata,
    moment,
)
from shared_kernel.adapters.sql.failures import named_refusals
from shared_kernel.application import AuditEntry, Origin, Outcome, Page, Slice, origin
from shared_kernel.domain import new_id

metadata = module_metadata("audit")


class EventColumns(TypedColumns):
    id: Named[UUID] = Column(Uuid, primary_key=True)
    occurred_at: Named[datetime] = Column(moment(), nullable=False)
    action: Named[str] = Column(String(ACTION_LENGTH), nullable=False)
    outcome: Named[Outcome] = Column(choice(Outcome), nullable=False)
    actor_id: Named[UUID | None] = Column(Uuid())
    subject_id: Named[UUID | None] = Column(Uuid())
    address: Named[str | None] = Column(String(ADDRESS_LENGTH))
    request_id: Named[str] = Column(String(REQUEST_ID_LENGTH), nullable=False)
    detail: Named[Mapping[str, str]] = Column(JSONB[Mapping[str, str]](), nullable=False)


events = Table("events", metadata, EventColumns, info=APPEND_ONLY)
c = events.c

# Each serves one filter in the order of the list.
Index(None, c.occurred_at, c.id)
Index(None, c.actor_id, c.occurred_at, c.id)
Index(None, c.subject_id, c.occurred_at, c.id)
Index(None, c.action, c.occurred_at, c.id)
Index(None, c.outcome, c.occurred_at, c.id)

NEWEST_FIRST = "-occurred_at"

LIST = Listing(
    select(
        c.id,
        c.occurred_at,
        c.action,
        c.outcome,
        c.actor_id,
        c.subject_id,
        c.address,
        c.request_id,
        c.detail,
    ),
    AuditEventView,
    id=c.id,
    filters={
        "actor_id": c.actor_id == bindparam("actor_id"),
        "subject_id": c.subject_id == bindparam("subject_id"),
        "action": c.action == bindparam("action"),
        "outcome": c.outcome == bindparam("outcome"),
        "since": c.occurred_at >= bindparam("since"),
        "until": c.occurred_at < bindparam("until"),
    },
    sorts={"occurred_at": c.occurred_at},
)


ENTERED = insertion("entries", events)


class SqlAuditWriter:
    """Saves entries with the change they tell of."""

    def addition(self, entries: Sequence[AuditEntry], origin: Origin) -> Addition:
        return Addition((ENTERED,), {"entries": [_row(entry, origin) for entry in entries]})


@dataclass(frozen=True, slots=True)
class SqlAuditTrail:
    """Saves an entry in a transaction of its own."""

    database: Database
    writer: SqlAuditWriter

    async def record(self, entry: AuditEntry) -> None:
        """Save the entry. Raises Unavailable when the database is away: no trace, no action."""
        with named_refusals({}):
            async with self.database.session.begin() as session:
                await add_together(session, [self.writer.addition([entry], origin.get())])


@dataclass(frozen=True, slots=True)
class SqlAuditQueries:
    """Reads the log by keyset."""

    database: Database

    async def events(self, where: AuditFilter, part: Slice) -> Page[AuditEventView]:
        return await LIST.page(self.database.reads, asdict(where), NEWEST_FIRST, part)


def _row(entry: AuditEntry, origin: Origin) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "occurred_at": entry.occurred_at.isoformat(),
        "action": fitting(entry.action, ACTION_LENGTH),
        "outcome": entry.outcome,
        "actor_id": _written(entry.actor_id or origin.actor_id),
        "subject_id": _written(entry.subject_id),
        "address": None if origin.address is None else fitting(origin.address, ADDRESS_LENGTH),
        "request_id": fitting(origin.request_id, REQUEST_ID_LENGTH),
        "detail": dict(fitting_facts(_facts(entry, origin))),
    }


def _written(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def _facts(entry: AuditEntry, origin: Origin) -> Mapping[str, str]:
    """Say first who acted in the actor's name, so that nothing crowds it out."""
    if origin.impersonator_id is None:
        return entry.detail
    return {"impersonator_id": str(origin.impersonator_id), **entry.detail}
