"""Starting a session: one statement that also makes room for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    Integer,
    Select,
    String,
    Uuid,
    bindparam,
    exists,
    insert,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)

from modules.identity.adapters.sql.factors import factors_of
from modules.identity.adapters.sql.tables import sessions
from modules.identity.domain.second_factor import STAND_INS
from modules.identity.domain.session import EndReason, Session
from shared_kernel.adapters.sql import row_in, row_values

NEW = "new"
ROW = row_in(NEW, sessions)
OWNER, AT = ROW["account_id"], ROW["started_at"]
UNPROTECTED = bindparam("unprotected", type_=Boolean())
OPEN = sessions.c.ended_at.is_(None)


def _ended(which: ColumnElement[bool], name: str) -> CTE:
    ended = update(sessions).where(OPEN, which)
    changed = ended.values(
        ended_at=AT, end_reason=EndReason.TOO_MANY, version=sessions.c.version + 1
    )
    return changed.returning(sessions.c.id, sessions.c.impersonator_id).cte(name)


def _starting() -> Select[*tuple[Any, ...]]:
    """Return rows of what stood in the way, and of what ended."""
    factors = union_all(*factors_of(OWNER)).cte("factors")
    asking = exists(select(factors.c.kind).where(factors.c.kind.not_in(STAND_INS)))
    free = or_(UNPROTECTED.is_(False), ~asking)
    mine = select(sessions.c.id).where(sessions.c.account_id == OWNER, OPEN)
    latest_first = mine.order_by(sessions.c.last_used_at.desc(), sessions.c.id.desc())
    surplus = latest_first.offset(bindparam("others", type_=Integer()))
    evicted = _ended(sessions.c.id.in_(surplus) & free, "evicted")
    own = exists(select(evicted.c.id).where(evicted.c.impersonator_id.is_(None)))
    led = _ended((sessions.c.impersonator_id == OWNER) & own, "led")
    row = select(*ROW.values()).where(free)
    started = insert(sessions).from_select([*ROW], row).cte("started")
    told = union_all(
        select(factors.c.kind, null().cast(Uuid)),
        select(literal(None, String()), evicted.c.id),
        select(literal(None, String()), led.c.id),
    ).subquery("told")
    return select(told).add_cte(started)


START = _starting()


def starting(session: Session, *, most: int, unprotected: bool) -> dict[str, Any]:
    """Return the values of `START`."""
    row = {one: getattr(session, one) for one in ROW}
    return {
        **row_values(NEW, {**row, "version": 1}),  # the session of SQLAlchemy would count it
        "others": most - 1,
        "unprotected": unprotected,
    }
