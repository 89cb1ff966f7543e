"""What was carried out under an `Idempotency-Key` is noted with the change: never done twice.

The unit of work leaves a row in `platform.keyed_requests` in the transaction of the change, so that
one is there exactly if the other is. Two requests of one key in two processes meet at its primary
key: the second waits for the first, and is undone when that one has committed.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    Named,
    Table,
    TypedColumns,
    Uuid,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shared_kernel.adapters.inbox import SeveralTransactions, metadata
from shared_kernel.adapters.sql import Database, Query
from shared_kernel.adapters.sql.columns import moment
from shared_kernel.adapters.sql.failures import named_refusals, sqlstate
from shared_kernel.adapters.sql.unit_of_work import claim
from shared_kernel.application.idempotency import (
    AlreadyCarriedOut,
    CarriedOut,
    KeptAnswer,
    KeyedRequest,
    KeyInUse,
)

KEPT_FOR = timedelta(hours=24)
BATCH = 1_000
LOCK_NOT_AVAILABLE = "55P03"


class KeyedRequestColumns(TypedColumns):
    key: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    fingerprint: Named[bytes] = Column(LargeBinary(32), nullable=False)
    made: Named[UUID | None] = Column(Uuid())
    noted_at: Named[datetime] = Column(
        moment(), nullable=False, server_default=func.now(), index=True
    )
    status: Named[int | None] = Column(Integer)
    headers: Named[Mapping[str, str] | None] = Column(JSONB[Mapping[str, str]](none_as_null=True))
    body: Named[bytes | None] = Column(LargeBinary)


keyed_requests = Table("keyed_requests", metadata, KeyedRequestColumns)

k = keyed_requests.c
_fresh = k.noted_at > func.now() - KEPT_FOR


def _seen(
    fingerprint: bytes,
    made: UUID | None,
    status: int | None,
    headers: Mapping[str, str] | None,
    body: bytes | None,
) -> CarriedOut:
    answer = KeptAnswer(status, headers or {}, body or b"") if status is not None else None
    return CarriedOut(fingerprint, made, answer)


FIND = Query(
    select(k.fingerprint, k.made, k.status, k.headers, k.body).where(
        k.key == bindparam("key"), _fresh
    ),
    _seen,
)

# What is over may still be there: it is taken over as if it were not.
_noted = insert(keyed_requests).values(
    key=bindparam("key"), fingerprint=bindparam("fingerprint"), made=bindparam("made")
)
NOTE = _noted.on_conflict_do_update(
    index_elements=[k.key],
    set_={
        "fingerprint": _noted.excluded.fingerprint,
        "made": _noted.excluded.made,
        "noted_at": func.now(),
        "status": None,
        "headers": None,
        "body": None,
    },
    where=~_fresh,
).returning(k.key)

KEEP = (
    update(keyed_requests)
    .where(k.key == bindparam("of_key"))
    .values(status=bindparam("status"), headers=bindparam("headers"), body=bindparam("body"))
)

_some = select(k.key).where(~_fresh).limit(BATCH).with_for_update(skip_locked=True)
FORGET = delete(keyed_requests).where(k.key.in_(_some)).returning(k.key)


@dataclass(slots=True)
class Carrying:
    """One request on its way through its use case. `noted`: a transaction committed its row."""

    request: KeyedRequest
    noted: bool = False
    over: bool = False

    async def note(self, session: AsyncSession, made: UUID | None) -> None:
        """Leave the row in the transaction of the session.

        Raises AlreadyCarriedOut, KeyInUse and SeveralTransactions.
        """
        if self.over:
            return
        if self.noted:
            raise SeveralTransactions("an idempotent route writes in one unit of work")
        row = {"key": self.request.key, "fingerprint": self.request.fingerprint, "made": made}
        try:
            first = await session.scalar(NOTE, row)
        except DBAPIError as error:
            if sqlstate(error) == LOCK_NOT_AVAILABLE:
                raise KeyInUse from error
            raise
        if first is None:
            raise AlreadyCarriedOut

    def committed(self) -> None:
        """Hear that the transaction has committed."""
        self.noted = True


class SqlKeyedRequests:
    """Keeps one row for each key that was used within a day."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads
        # Each statement is a transaction by itself: none has to be begun and committed for it.
        self._engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")

    async def find(self, key: bytes) -> CarriedOut | None:
        return await FIND.first(self._reads, key=key)

    @contextmanager
    def carrying_out(self, request: KeyedRequest) -> Generator[Carrying]:
        carrying = Carrying(request)
        token = claim.set(carrying)
        try:
            yield carrying
        finally:
            claim.reset(token)
            carrying.over = True  # tasks that were begun on the way still know it

    async def keep(self, key: bytes, answer: KeptAnswer) -> None:
        row = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
        with named_refusals({}):
            async with self._engine.connect() as connection:
                await connection.execute(KEEP, {"of_key": key, **row})

    async def forget(self) -> Mapping[str, int]:
        """Delete what is over, in batches, and say how many rows it had."""
        gone = batch = await self._forget_some()
        while batch == BATCH:
            gone += (batch := await self._forget_some())
        return {"keys": gone}

    async def _forget_some(self) -> int:
        with named_refusals({}):
            async with self._engine.connect() as connection:
                return len((await connection.execute(FORGET)).all())
