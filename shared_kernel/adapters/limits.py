"""Counts requests in one table, one statement for each: exact over all processes.

The table is not written to the log of the database: after a crash of the server, or on a standby
that takes over, counting starts again. A key is kept as its HMAC only, so that whoever reads the
table learns no address. With a new first secret key counting starts again, too.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    Interval,
    LargeBinary,
    Named,
    Table,
    TextClause,
    TypedColumns,
    bindparam,
    text,
)

from shared_kernel.adapters.inbox import metadata
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.adapters.sql.columns import moment
from shared_kernel.adapters.sql.database import Database
from shared_kernel.adapters.sql.failures import named_refusals
from shared_kernel.application import Allowance
from shared_kernel.domain import Limit

PURPOSE = "limits"


class LimitColumns(TypedColumns):
    """`taken` were allowed and then `refused` were not; the next one is allowed at `free_at`.

    At `ends_at` counting starts again, and the row may go.
    """

    key: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    taken: Named[int] = Column(Integer, nullable=False)
    refused: Named[int] = Column(Integer, nullable=False)
    free_at: Named[datetime] = Column(moment(), nullable=False)
    ends_at: Named[datetime] = Column(moment(), nullable=False, index=True)


# Most counts change a row in place: half of each page is left for that.
limits = Table(
    "limits",
    metadata,
    LimitColumns,
    prefixes=["UNLOGGED"],
    postgresql_with={"fillfactor": 50},
)

# `kept` is what the row means at the time: nothing once it has ended. A clock that was ahead may
# have left moments further away than any wait lasts; they are drawn near. `next` is the count
# with this request in it.
TAKE = text("""
    insert into platform.limits as l (key, taken, refused, free_at, ends_at)
    values (
        :key, 1, 0,
        case when not :grows then :at + :window
             when :quota > 1 then :at
             else :at + least(interval '1 second', :longest) end,
        :at + :window
    )
    on conflict (key) do update set (taken, refused, free_at, ends_at) = (
        select
            case when allowed then next else kept end,
            case when allowed then 0 else l.refused + 1 end,
            case when not allowed then free_at
                 when not :grows then ends_at
                 else :at + pause end,
            case when not allowed or not :grows or next < :quota then ends_at
                 else :at + pause + :window end
        from (select l.ends_at <= :at as over) as o
        cross join lateral (
            select
                case when over then 0 else l.taken end as kept,
                case when over then :at else least(l.free_at, :at + :longest) end as free_at,
                case when over then :at + :window
                     else least(l.ends_at, :at + :longest + :window) end as ends_at
        ) as k
        cross join lateral (
            select
                kept + 1 as next,
                kept < :quota or k.free_at <= :at as allowed,
                case when kept + 1 < :quota then interval '0'
                     else least(
                         :longest, power(2, least(kept + 1 - :quota, 30)) * interval '1 second'
                     ) end as pause
        ) as n
    )
    returning taken, refused, free_at
""").bindparams(
    bindparam("at", type_=moment()),
    bindparam("window", type_=Interval()),
    bindparam("longest", type_=Interval()),
    bindparam("quota", type_=Integer()),
    bindparam("grows", type_=Boolean()),
)
GIVE_BACK = text("update platform.limits set taken = taken - 1 where key = :key and taken > 0")
FORGET = text("delete from platform.limits where key = :key")


class SqlRateLimiter:
    """Keeps one row in `platform.limits` for each limit and key in use."""

    def __init__(self, database: Database, secret_keys: SecretKeys) -> None:
        self._database = database
        self._key = secret_keys.derive(PURPOSE)[0]

    async def take(self, limit: Limit, key: str, *, at: datetime) -> Allowance:
        taken, refused, free_at = await self._run(TAKE, self._terms(limit, key) | {"at": at})
        used_up = taken >= limit.quota and free_at > at
        return Allowance(
            allowed=not refused,
            taken=taken,
            wait=free_at - at if used_up else timedelta(),
            first_refusal=refused == 1,
        )

    async def give_back(self, limit: Limit, key: str) -> None:
        await self._run(GIVE_BACK, {"key": self._kept(limit, key)})

    async def forget(self, limit: Limit, key: str) -> None:
        await self._run(FORGET, {"key": self._kept(limit, key)})

    def _terms(self, limit: Limit, key: str) -> dict[str, Any]:
        return {
            "key": self._kept(limit, key),
            "quota": limit.quota,
            "window": limit.window,
            "longest": limit.longest_wait or limit.window,
            "grows": limit.longest_wait is not None,
        }

    def _kept(self, limit: Limit, key: str) -> bytes:
        return hmac.digest(self._key, f"{limit.name}\0{key}".encode(), "sha256")

    async def _run(self, statement: TextClause, values: Mapping[str, Any]) -> tuple[Any, ...]:
        with named_refusals({}):
            async with self._database.engine.begin() as connection:
                result = await connection.execute(statement, values)
                return tuple(result.one()) if result.returns_rows else ()
