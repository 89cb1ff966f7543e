"""Counts requests in one table, one statement for all that one counts: exact over all processes.

The table is not written to the log of the database: after a crash of the server, or on a standby
that takes over, counting starts again. A key is kept as its HMAC only, so that whoever reads the
table learns no address. With a new first secret key counting starts again, too.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
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
    column,
    text,
)

from shared_kernel.adapters.inbox import metadata
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.adapters.sql.columns import moment
from shared_kernel.adapters.sql.database import Database
from shared_kernel.adapters.sql.failures import named_refusals
from shared_kernel.adapters.sql.journal import Addition
from shared_kernel.application import Allowance, Counter
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

# One link of a chain: it counts if the one before did. `kept` is what the row means at the time:
# nothing once it has ended. A clock that was ahead may have left moments further away than any wait
# lasts; they are drawn near. `next` is the count with this request in it.
LINK = """
    t{n} as (
        insert into platform.limits as l (key, taken, refused, free_at, ends_at)
        select
            :key{n}, 1, 0,
            case when not :grows{n} then :at + :window{n}
                 when :quota{n} > 1 then :at
                 else :at + least(interval '1 second', :longest{n}) end,
            :at + :window{n}
        {after}
        on conflict (key) do update set (taken, refused, free_at, ends_at) = (
            select
                case when allowed then next else kept end,
                case when allowed then 0 else l.refused + 1 end,
                case when not allowed then free_at
                     when not :grows{n} then ends_at
                     else :at + pause end,
                case when not allowed or not :grows{n} or next < :quota{n} then ends_at
                     else :at + pause + :window{n} end
            from (select l.ends_at <= :at as over) as o
            cross join lateral (
                select
                    case when over then 0 else l.taken end as kept,
                    case when over then :at else least(l.free_at, :at + :longest{n}) end as free_at,
                    case when over then :at + :window{n}
                         else least(l.ends_at, :at + :longest{n} + :window{n}) end as ends_at
            ) as k
            cross join lateral (
                select
                    kept + 1 as next,
                    kept < :quota{n} or k.free_at <= :at as allowed,
                    case when kept + 1 < :quota{n} then interval '0'
                         else least(
                             :longest{n},
                             power(2, least(kept + 1 - :quota{n}, 30)) * interval '1 second'
                         ) end as pause
            ) as n
        )
        returning taken, refused, free_at
    )
"""
GIVE_BACK = text(
    "update platform.limits set taken = taken - 1 where key = any(:keys) and taken > 0"
).bindparams(bindparam("keys", type_=ARRAY(LargeBinary())))
# Rows are locked in the order in which a chain locks them: so nobody waits for each other.
FORGET = text("""
    delete from platform.limits where key in (
        select l.key
        from unnest(:forgotten) with ordinality as given (key, place)
        join platform.limits l on l.key = given.key
        order by given.place
        for update of l
    )
    returning key
""").bindparams(bindparam("forgotten", type_=ARRAY(LargeBinary())))
FORGETTING = FORGET.columns(column("key", LargeBinary())).cte("forgotten")


@cache
def chain(length: int) -> TextClause:
    """Return the statement that counts a request under so many keys, in turn."""
    links = [
        LINK.format(n=n, after=f"from t{n - 1} where t{n - 1}.refused = 0" if n else "")
        for n in range(length)
    ]
    shown = " union all ".join(f"select {n} as n, t{n}.* from t{n}" for n in range(length))  # noqa: S608 - numbers of our own
    typed: list[BindParameter[Any]] = [bindparam("at", type_=moment())]
    for n in range(length):
        typed += [
            bindparam(f"key{n}", type_=LargeBinary()),
            bindparam(f"window{n}", type_=Interval()),
            bindparam(f"longest{n}", type_=Interval()),
            bindparam(f"quota{n}", type_=Integer()),
            bindparam(f"grows{n}", type_=Boolean()),
        ]
    return text(f"with {', '.join(links)} {shown} order by n").bindparams(*typed)


class SqlRateLimiter:
    """Keeps one row in `platform.limits` for each limit and key in use."""

    def __init__(self, database: Database, secret_keys: SecretKeys) -> None:
        # Each statement is a transaction by itself: none has to be begun and committed for it.
        self._engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._key = secret_keys.derive(PURPOSE)[0]

    async def take(self, counters: Sequence[Counter], *, at: datetime) -> Sequence[Allowance]:
        terms: dict[str, Any] = {"at": at}
        for n, one in enumerate(counters):
            terms |= self._terms(n, one)
        rows = await self._run(chain(len(counters)), terms)
        return [
            _allowance(one.limit, row, at)
            for one, (_, *row) in zip(counters, rows, strict=False)  # it ends with a refusal
        ]

    async def give_back(self, counters: Sequence[Counter]) -> None:
        await self._run(GIVE_BACK, {"keys": [self._kept(one) for one in counters]})

    async def forget(self, counters: Sequence[Counter]) -> None:
        await self._run(FORGET, self._forgotten(counters))

    def forgetting(self, counters: Sequence[Counter]) -> Addition:
        return Addition((FORGETTING,), self._forgotten(counters))

    def _forgotten(self, counters: Sequence[Counter]) -> dict[str, Any]:
        return {"forgotten": [self._kept(one) for one in counters]}

    def _terms(self, n: int, counter: Counter) -> dict[str, Any]:
        limit = counter.limit
        return {
            f"key{n}": self._kept(counter),
            f"quota{n}": limit.quota,
            f"window{n}": limit.window,
            f"longest{n}": limit.longest_wait or limit.window,
            f"grows{n}": limit.longest_wait is not None,
        }

    def _kept(self, counter: Counter) -> bytes:
        named = f"{counter.limit.name}\0{counter.key}"
        return hmac.digest(self._key, named.encode(), "sha256")

    async def _run(
        self, statement: TextClause, values: Mapping[str, Any]
    ) -> Sequence[tuple[Any, ...]]:
        with named_refusals({}):
            async with self._engine.connect() as connection:
                result = await connection.execute(statement, values)
                return [tuple(row) for row in result] if result.returns_rows else []


def _allowance(limit: Limit, row: Sequence[Any], at: datetime) -> Allowance:
    taken, refused, free_at = row
    ends_in = max(free_at - at, timedelta())
    return Allowance(
        allowed=not refused,
        taken=taken,
        wait=ends_in if taken >= limit.quota else timedelta(),
        ends_in=ends_in,
        first_refusal=refused == 1,
    )
