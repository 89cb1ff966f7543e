"""What a subscriber did for an event is remembered with the doing: a second delivery is known.

While the relay delivers, the unit of work that commits leaves a row in `platform.inbox` in the
same transaction. A process killed between that commit and the relay's note that the delivery is
done delivers again; the row says that there is nothing left to do.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, MetaData, Named, String, Table, TypedColumns, Uuid, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared_kernel.adapters.sql.columns import module_metadata, moment

metadata: MetaData = module_metadata("platform")
"""The tables of the kernel itself."""


class InboxColumns(TypedColumns):
    event_id: Named[UUID] = Column(Uuid, primary_key=True)
    subscriber: Named[str] = Column(String(200), primary_key=True)
    handled_at: Named[datetime] = Column(
        moment(), nullable=False, server_default=func.now(), index=True
    )


inbox = Table("inbox", metadata, InboxColumns)

# A transaction gets its number with its first write.
WROTE = text("select pg_current_xact_id_if_assigned() is not null")


class AlreadyHandled(Exception):
    """The subscriber did its work for this event before; this transaction must not repeat it."""


class SeveralTransactions(Exception):
    """Somebody wrote in a second transaction who is to do all in one."""


@dataclass(slots=True)
class Delivery:
    """One event on its way to one subscriber. `remembered`: a transaction committed its row."""

    event_id: UUID
    subscriber: str
    remembered: bool = False
    written: bool = False


_current: ContextVar[Delivery | None] = ContextVar("delivery", default=None)


@contextmanager
def delivering(event_id: UUID, subscriber: str) -> Generator[None]:
    """Have the unit of work inside remember that the subscriber handled the event."""
    token = _current.set(Delivery(event_id, subscriber))
    try:
        yield
    finally:
        _current.reset(token)


async def remember(session: AsyncSession) -> None:
    """Note in the session's transaction, when it wrote, that the event was handled.

    Does nothing outside a delivery. Raises AlreadyHandled and SeveralTransactions.
    """
    delivery = _current.get()
    if delivery is None or not await session.scalar(WROTE):
        return
    if delivery.remembered:
        raise SeveralTransactions(
            f"{delivery.subscriber} writes in several transactions: derive it from InSteps"
        )
    row = {"event_id": delivery.event_id, "subscriber": delivery.subscriber}
    made = insert(inbox).values(row).on_conflict_do_nothing().returning(inbox.c.event_id)
    if await session.scalar(made) is None:
        raise AlreadyHandled
    delivery.written = True


def remembered() -> None:
    """Say that the transaction that called `remember` has committed."""
    delivery = _current.get()
    if delivery is not None:
        delivery.remembered = delivery.written
