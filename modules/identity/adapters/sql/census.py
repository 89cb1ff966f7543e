"""Who is there, read in slices."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, union_all

from modules.identity.adapters.sql.tables.accounts import accounts
from modules.identity.adapters.sql.tables.api_keys import service_accounts
from shared_kernel.adapters.sql import Database, Query
from shared_kernel.domain import AccountId

SLICE = 5_000  # ids: 10 ms to read

AFTER = bindparam("after", type_=Uuid())

_persons = select(accounts.c.id).where(accounts.c.closed_at.is_(None), accounts.c.id > AFTER)
_programs = select(service_accounts.c.id).where(
    service_accounts.c.deleted_at.is_(None), service_accounts.c.id > AFTER
)
_both = union_all(
    _persons.order_by(accounts.c.id).limit(SLICE).subquery().select(),
    _programs.order_by(service_accounts.c.id).limit(SLICE).subquery().select(),
).subquery()
NEXT = Query(select(_both.c.id).order_by(_both.c.id).limit(SLICE), AccountId)


class SqlCensus:
    """Reads by id, which is the order of time: who comes while it reads comes last."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def accounts(self) -> AsyncIterator[Sequence[AccountId]]:
        after = UUID(int=0)
        while True:
            found = await NEXT.all(self._reads, after=after)
            yield found
            if len(found) < SLICE:
                return
            after = found[-1]
