"""Links in `identity.links`, each until it expires."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    String,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from modules.identity.adapters.sql.tables.links import links
from modules.identity.domain.link import OVERTAKEN, Link, Purpose
from shared_kernel.adapters.sql import Addition, Database, Query, SqlUnitOfWork, moment

# Whoever keeps a link takes some that have expired along: the table stays as small as what is
# under way. A used one stays until then, so that an event told again does not make it good again.
SWEPT = 20

LINK = links.c


GOOD = Query(
    select(
        LINK.id,
        LINK.account_id,
        LINK.purpose,
        LINK.token_hash,
        LINK.email,
        LINK.email_normalized,
        LINK.expires_at,
    ).where(
        LINK.token_hash == bindparam("token_hash", type_=LINK.token_hash.type),
        LINK.purpose == bindparam("purpose", type_=LINK.purpose.type),
        LINK.used_at.is_(None),
        LINK.expires_at > bindparam("at", type_=moment()),
    ),
    Link,
)


OVERTAKING = (
    update(links)
    .where(LINK.account_id == bindparam("overtaken_of", type_=Uuid()), LINK.used_at.is_(None))
    .where(LINK.purpose.cast(String) == any_(bindparam("overtaken", type_=ARRAY(String))))
    .values(used_at=bindparam("overtaken_at", type_=moment()))
    .cte("overtaking")
)
OUTDATING = (
    update(links)
    .where(LINK.account_id == bindparam("outdated_of", type_=Uuid()), LINK.used_at.is_(None))
    .where(LINK.purpose == Purpose.UNDO_CHANGE)
    .where(LINK.expires_at > bindparam("outdated_after", type_=moment()))
    .values(used_at=bindparam("outdated_at", type_=moment()))
    .cte("outdating")
)


class SqlLinkRecords:
    """Reads links through the read pool."""

    def __init__(self, database: Database) -> None:
        self._reads = database.reads

    async def find(self, purpose: Purpose, token_hash: bytes, *, at: datetime) -> Link | None:
        """Return a link that can still be used."""
        return await GOOD.first(self._reads, token_hash=token_hash, purpose=purpose, at=at)


class SqlLinks:
    """Links inside one transaction."""

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow, self._session = uow, uow.session

    async def keep(self, link: Link) -> bool:
        """Keep a link, unless it was used before."""
        await self._sweep()
        row = {
            "id": link.id,
            "account_id": link.account_id,
            "purpose": link.purpose,
            "token_hash": link.token_hash,
            "email": link.email,
            "email_normalized": link.email_normalized,
            "expires_at": link.expires_at,
        }
        # The secret key may have changed since the event was told for the first time.
        kept = (
            insert(links)
            .values(row)
            .on_conflict_do_update(
                index_elements=[LINK.id],
                set_={"token_hash": link.token_hash},
                where=LINK.used_at.is_(None),
            )
        )
        return await self._session.scalar(kept.returning(LINK.id)) is not None

    async def use(self, link: Link, *, at: datetime) -> bool:
        """Use a link up, once."""
        good = (LINK.id == link.id, LINK.used_at.is_(None), LINK.expires_at > at)
        used = update(links).where(*good).values(used_at=at).returning(LINK.id)
        return await self._session.scalar(used) is not None

    def overtake(
        self, account_id: UUID, *, at: datetime, purposes: Collection[Purpose] = OVERTAKEN
    ) -> None:
        """Make links of an account worthless."""
        values = {
            "overtaken_of": account_id,
            "overtaken_at": at,
            "overtaken": [one.value for one in purposes],
        }
        self._uow.besides(Addition((OVERTAKING,), values))

    def outdate(self, link: Link, *, at: datetime) -> None:
        """Make the links worthless that undo later changes."""
        values = {
            "outdated_of": link.account_id,
            "outdated_at": at,
            "outdated_after": link.expires_at,
        }
        self._uow.besides(Addition((OUTDATING,), values))

    async def _sweep(self) -> None:
        over = select(LINK.id).where(LINK.expires_at <= func.now()).limit(SWEPT)
        mine = LINK.id.in_(over.with_for_update(skip_locked=True))
        await self._session.execute(delete(links).where(mine))
