"""Operations as those see them who do them: taken, held, let go and finished, one statement each.

Whoever does an operation holds it for some seconds at a time. One whose process died is not held
any more, and is taken again by another process of the machine.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from modules.operations.ports import Ending, Taken
from shared_kernel.adapters.sql import Database
from shared_kernel.adapters.sql.failures import named_refusals
from shared_kernel.application.operations import RowResult
from shared_kernel.domain import new_id

HOLD_SECONDS = 15
MOST_ATTEMPTS = 3

TAKE = text("""
    update operations.operations set
        state = 'running', holder = :holder, attempts = attempts + 1, version = version + 1,
        held_until = now() + make_interval(secs => :seconds),
        started_at = coalesce(started_at, now()), done = 0, total = null
    where id = (
        select id from operations.operations
        where node = :node and kind = any(:kinds) and not cancelling and attempts < :most
            and (state = 'queued' or (state = 'running' and held_until < now()))
        order by created_at, id limit 1 for update skip locked
    )
    returning id, kind, request, asked
""")

HOLD = text("""
    update operations.operations set
        done = :done, total = :total, held_until = now() + make_interval(secs => :seconds)
    where id = :id and holder = :holder and state = 'running'
    returning cancelling
""")

LET_GO = text("""
    update operations.operations set
        state = 'queued', holder = null, held_until = null, attempts = attempts - 1,
        version = version + 1
    where id = :id and holder = :holder and state = 'running'
""")

FINISH = text("""
    update operations.operations set
        state = :state, result = :result, error_code = :code, error_message = :message,
        done = :done, total = :total, finished_at = now(), version = version + 1,
        holder = null, held_until = null, request = '{}', asked = '{}'
    where id = :id and holder = :holder and state = 'running'
    returning id
""").bindparams(bindparam("result", type_=JSONB(none_as_null=True)))

# What nobody will do: cancelled before anybody began or while nobody held it, or begun too often.
BURY = text("""
    update operations.operations as o set
        state = case when cancelling then 'cancelled' else 'failed' end,
        error_code = case when cancelling then null else 'operations.interrupted' end,
        error_message = case when cancelling then null
            else 'the process that did it ended, several times' end,
        finished_at = now(), version = o.version + 1, holder = null, held_until = null,
        request = '{}', asked = '{}'
    from (
        select id, kind, request from operations.operations
        where state = 'queued' and cancelling
            or state = 'running' and held_until < now() and (cancelling or attempts >= :most)
        for update skip locked
    ) as dead
    where o.id = dead.id
    returning dead.kind, dead.request
""")

REPORT = text("""
    insert into operations.results (id, operation_id, row, line, severity, code, message, pointer)
    values (:id, :operation_id, :row, :line, :severity, :code, :message, :pointer)
""")
START_OVER = text("delete from operations.results where operation_id = :id")

FORGET = text("""
    with old as (
        delete from operations.operations
        where finished_at < now() - make_interval(days => :days) returning 1
    )
    select count(*) from old
""")


def _this_machine() -> str:
    return socket.gethostname()[:255]


@dataclass(frozen=True, slots=True)
class SqlHolding:
    """What one process does to operations, in transactions of their own."""

    database: Database
    node: str = field(default_factory=_this_machine)
    holder: UUID = field(default_factory=new_id)

    async def take(self, kinds: Sequence[str]) -> Taken | None:
        """Take on the oldest of these kinds that waits, None when there is none."""
        rows = await self._rows(
            TAKE,
            holder=self.holder,
            node=self.node,
            kinds=[*kinds],
            seconds=HOLD_SECONDS,
            most=MOST_ATTEMPTS,
        )
        return Taken(*rows[0]) if rows else None

    async def hold(self, id: UUID, done: int, total: int | None) -> bool | None:
        """Hold it on; return whether it is to end, None when somebody else has it."""
        rows = await self._rows(
            HOLD, id=id, holder=self.holder, done=done, total=total, seconds=HOLD_SECONDS
        )
        return bool(rows[0][0]) if rows else None

    async def let_go(self, id: UUID) -> None:
        """Leave it to others."""
        await self._done(LET_GO, {"id": id, "holder": self.holder})

    async def finish(self, id: UUID, ending: Ending, done: int, total: int | None) -> bool:
        """Say how it ended; return whether it was still ours to say."""
        rows = await self._rows(
            FINISH,
            id=id,
            holder=self.holder,
            state=ending.state,
            result=ending.result,
            code=ending.code,
            message=ending.message,
            done=done,
            total=total,
        )
        return bool(rows)

    async def bury(self) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """End what nobody will do; return the kind and the request of each."""
        return [
            (str(kind), request) for kind, request in await self._rows(BURY, most=MOST_ATTEMPTS)
        ]

    async def report(self, id: UUID, found: Sequence[RowResult]) -> None:
        """Keep what there is to say about rows."""
        rows = [
            {
                "id": new_id(),
                "operation_id": id,
                "row": one.row,
                "line": one.line,
                "severity": one.severity.value,
                "code": one.code,
                "message": one.message,
                "pointer": one.pointer and one.pointer[:500],
            }
            for one in found
        ]
        await self._done(REPORT, rows)

    async def start_over(self, id: UUID) -> None:
        """Forget what an attempt before this one reported."""
        await self._done(START_OVER, {"id": id})

    async def forget(self, days: int) -> int:
        """Forget what ended so many days ago; return how many that were."""
        [[count]] = await self._rows(FORGET, days=days)
        return int(count)

    async def _rows(self, statement: TextClause, **values: object) -> Sequence[Sequence[Any]]:
        with named_refusals({}):
            async with self.database.session.begin() as session:
                return (await session.execute(statement, values)).all()

    async def _done(self, statement: TextClause, values: Any) -> None:
        with named_refusals({}):
            async with self.database.session.begin() as session:
                await session.execute(statement, values)
