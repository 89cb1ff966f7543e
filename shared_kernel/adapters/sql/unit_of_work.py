"""One transaction per use case: state, events and audit entries are saved together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import ClassVar, Protocol, Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from shared_kernel.adapters.sql.database import Database
from shared_kernel.adapters.sql.failures import Constraints, named_refusals, refusal
from shared_kernel.adapters.sql.journal import Addition
from shared_kernel.application import AuditEntry, Besides, Origin, origin
from shared_kernel.domain import Aggregate, DomainEvent


class Outbox(Protocol):
    """Where a unit of work leaves its events."""

    async def write(
        self, session: AsyncSession, events: Sequence[DomainEvent], besides: Sequence[Addition]
    ) -> None:
        """Save the events in the transaction of the session, and what else is to be added."""
        ...

    def heard(self, events: Sequence[DomainEvent]) -> Sequence[DomainEvent]:
        """Return those of the events that somebody subscribes to."""
        ...

    def wake(self, events: Sequence[DomainEvent]) -> None:
        """Say after the commit that there is something to deliver."""
        ...


class AuditWriter(Protocol):
    """Knows how audit entries are saved."""

    def addition(self, entries: Sequence[AuditEntry], origin: Origin) -> Addition:
        """Return what saves the entries."""
        ...


class Claim(Protocol):
    """What may be carried out once only, and is told what was committed for it."""

    async def note(self, session: AsyncSession, made: UUID | None) -> None:
        """Note it in the transaction of the session, with the id of what was made first.

        Raises an error of its own when that was done before.
        """
        ...

    def committed(self) -> None:
        """Hear that the transaction has committed."""
        ...


claim: ContextVar[Claim | None] = ContextVar("claim", default=None)
"""What the unit of work that commits next is done for, where that may be done once only."""


class SqlUnitOfWork:
    """A transaction that commits on a clean exit and rolls back on any error.

    It holds every aggregate it handed out until the end: the session keeps flushed objects only
    weakly, and the events they recorded would be lost with them. What the database refuses
    becomes a domain error; `constraints` says which one, by constraint name. What is added
    `besides` goes in the statement that saves events and audit entries, the last of all.

    `is_what_was_asked_for` is not said of one that only looks on while another does the work.
    """

    constraints: ClassVar[Constraints] = {}
    is_what_was_asked_for: ClassVar[bool] = True

    def __init__(self, database: Database, outbox: Outbox, audit: AuditWriter) -> None:
        self.session = database.session()
        self.seen: list[Aggregate] = []
        self._made: UUID | None = None
        self._outbox, self._writer = outbox, audit
        self._events: list[DomainEvent] = []
        self._entries: list[AuditEntry] = []
        self._besides: list[Addition] = []
        self._told: dict[str, DomainEvent] = {}

    def added(self, aggregate: Aggregate) -> None:
        """Keep hold of an aggregate that is new."""
        self.seen.append(aggregate)
        self._made = self._made or aggregate.id

    def audit(self, entry: AuditEntry) -> None:
        self._entries.append(entry)

    def publish(self, event: DomainEvent) -> None:
        self._events.append(event)

    async def tell(self, events: Sequence[DomainEvent]) -> None:
        """Save those of many events that somebody subscribes to, now and to the outbox alone.

        For bulk work, which may neither hold a million events until it commits nor write as many
        lines into the audit log; it publishes one event of its own that sums them up.
        """
        heard = self._outbox.heard(events)
        if heard:
            await self._outbox.write(self.session, heard, ())
            self._told.update((event.kind(), event) for event in heard)

    def besides(self, what: Besides) -> None:
        if not isinstance(what, Addition):
            raise TypeError(f"this cannot be done in a transaction of PostgreSQL: {what!r}")
        self._besides.append(what)

    async def flush(self) -> None:
        """Send what changed so far, so that the database can refuse it here and not at the end."""
        with named_refusals(self.constraints):
            await self.session.flush()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                await self._commit()
            elif (
                isinstance(error, Exception)
                and (named := refusal(error, self.constraints)) is not error
            ):
                raise named from error
        finally:
            # A cancelled request must still give its connection back.
            await asyncio.shield(asyncio.ensure_future(self.session.close()))

    async def _commit(self) -> None:
        claimed = claim.get() if self.is_what_was_asked_for else None
        with named_refusals(self.constraints):
            await self.session.flush()
            if claimed is not None:
                await claimed.note(self.session, self._made)
            await self._write_journal()
            await self.session.commit()
        if claimed is not None:
            claimed.committed()
        self._outbox.wake([*self._events, *self._told.values()])

    async def _write_journal(self) -> None:
        for aggregate in self.seen:
            self._events.extend(aggregate.release_events())
        told = [_entry(event) for event in self._events]
        if entries := told + self._entries:
            self._besides.append(self._writer.addition(entries, origin.get()))
        # Last: it also notes, in a delivery, that this transaction wrote what the event asked for.
        await self._outbox.write(self.session, self._events, self._besides)


def _entry(event: DomainEvent) -> AuditEntry:
    return AuditEntry(
        action=event.kind(), occurred_at=event.occurred_at, subject_id=event.subject_id
    )
