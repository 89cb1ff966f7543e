"""The deliveries that are due, read and kept over the connection that makes a process the leader.

Whoever lost that connection lost the lead with it, and can note nothing any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

BATCH = 100
SWEEP = 1_000

LEAD = 7_302_115_468_012_338_002  # any number, the same for every relay

# Statistics of a queue are always out of date. Let the planner follow the indexes, in their order,
# whatever they say: otherwise it may read and sort the whole backlog for each batch.
BY_INDEX = "set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off"

# Read in the order in which events were saved. An event waits while an earlier one of the same
# subject has failed and is not due again. That is asked row by row, along an index: as a join it
# would read the whole backlog for each batch.
TAKE = f"""
    with batch as materialized (
        select d.position, d.subscriber, d.subject_id
        from platform.deliveries d
        where d.subscriber = $1 and d.due_at <= now() and (
            select e.position from platform.deliveries e
            where e.subscriber = $1 and e.subject_id = d.subject_id
              and e.position < d.position and e.due_at > now()
            limit 1
        ) is null
        order by d.position limit {BATCH}
    )
    select b.position, o.event_id, o.kind, b.subject_id, o.body::text, i.event_id is not null
    from batch b
    join platform.outbox o on o.position = b.position
    left join platform.inbox i on i.event_id = o.event_id and i.subscriber = b.subscriber
    order by b.position
"""  # noqa: S608 - a number of our own
DUE = """
    select name from unnest($1::text[]) as name
    where exists (
        select from platform.deliveries d where d.subscriber = name and d.due_at <= now()
    )
"""
DONE = "delete from platform.deliveries where subscriber = $1 and position = any($2::bigint[])"
# Half a second, one, two ... up to five minutes.
FAILED = """
    update platform.deliveries
    set attempts = attempts + 1, last_error = $3,
        due_at = now() + least(300, 0.5 * 2 ^ least(attempts, 20)) * interval '1 second'
    where subscriber = $1 and position = $2
"""
FORGET = "delete from platform.inbox where event_id = $1 and subscriber = $2"
DELIVERED = f"""
    delete from platform.outbox where position in (
        select o.position from platform.outbox o
        where not exists (select from platform.deliveries d where d.position = o.position)
        order by o.position limit {SWEEP}
    )
"""  # noqa: S608 - a number of our own
OLD = f"""
    delete from platform.inbox where (event_id, subscriber) in (
        select event_id, subscriber from platform.inbox
        where handled_at < now() - interval '7 days' limit {SWEEP}
    )
"""  # noqa: S608 - a number of our own
UNUSED = f"""
    delete from platform.limits where key in (
        select key from platform.limits
        where ends_at < now() - interval '1 minute' order by ends_at limit {10 * SWEEP}
    )
"""  # noqa: S608 - a number of our own


@dataclass(frozen=True, slots=True)
class Due:
    """One event that one subscriber should hear. `handled`: it did, and that was not noted here."""

    position: int
    event_id: UUID
    kind: str
    subject_id: UUID
    body: str
    handled: bool


class Deliveries:
    """What is to be delivered. One statement at a time: there is one connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()

    async def lead(self) -> bool:
        """Try to become the one who delivers; it lasts as long as the connection."""
        async with self._turn:
            won: bool = await self._connection.fetchval("select pg_try_advisory_lock($1)", LEAD)
            if won:
                await self._connection.execute(BY_INDEX)
            return won

    async def due(self, subscribers: Sequence[str]) -> list[str]:
        """Return the subscribers for whom something is due."""
        async with self._turn:
            return [row[0] for row in await self._connection.fetch(DUE, subscribers)]

    async def take(self, subscriber: str) -> list[Due]:
        """Return the next events for one subscriber, oldest first."""
        async with self._turn:
            return [Due(*row) for row in await self._connection.fetch(TAKE, subscriber)]

    async def done(self, subscriber: str, positions: Sequence[int]) -> None:
        """Note that the subscriber heard these."""
        async with self._turn:
            await self._connection.execute(DONE, subscriber, positions)

    async def failed(self, subscriber: str, position: int, error: str) -> None:
        """Note that the subscriber could not take this one, and when to try again."""
        async with self._turn:
            await self._connection.execute(FAILED, subscriber, position, error)

    async def forget(self, subscriber: str, event_id: UUID) -> None:
        """Take back that the subscriber handled the event."""
        async with self._turn:
            await self._connection.execute(FORGET, event_id, subscriber)

    async def sweep(self) -> None:
        """Remove events that everybody heard, notes of a week ago, limits that ended; some each."""
        for statement in (DELIVERED, OLD, UNUSED):
            async with self._turn:
                await self._connection.execute(statement)
