"""Moves all products of some categories to another one, with their history, in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Select,
    String,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from modules.catalog.adapters.sql.history import history
from modules.catalog.adapters.sql.product_queries import ATTRIBUTES
from modules.catalog.adapters.sql.tables import products
from modules.catalog.public import ProductChanged
from shared_kernel.adapters.sql import moment
from shared_kernel.adapters.sql.conditions import predicates_of, values_of
from shared_kernel.application import origin
from shared_kernel.application.conditions import Condition, Some

p = products.c

_in_these = p.category_id == any_(bindparam("_ids", type_=ARRAY(Uuid)))
_to = bindparam("_to", type_=Uuid())

HELD = select(p.id).where(_in_these).order_by(p.id).limit(bindparam("_limit")).with_for_update()


async def held(session: AsyncSession, category_ids: Collection[UUID], *, limit: int) -> int:
    """Keep others from changing products of categories; return how many there are."""
    found = await session.scalars(HELD, {"_ids": [*category_ids], "_limit": limit})
    return len(found.all())


async def moved(
    session: AsyncSession,
    category_ids: Collection[UUID],
    *,
    to: UUID,
    at: datetime,
    where: Sequence[Condition],
) -> Sequence[UUID] | None:
    """Move the products; return their ids, or None where one does not meet all conditions."""
    values: Mapping[str, Any] = {
        "_ids": [*category_ids],
        "_to": to,
        "_at": at,
        "_actor_id": origin.get().actor_id,
        "_impersonator_id": origin.get().impersonator_id,
        **values_of(Some(tuple(where))),
    }
    rows = (await session.execute(_moving(where), values)).all()
    return [id for id, _ in rows] if all(may for _, may in rows) else None


def _moving(where: Sequence[Condition]) -> Select[UUID, bool]:
    may = func.coalesce(and_(*predicates_of(where, ATTRIBUTES)), False)
    there = select(p.id, p.category_id, may.label("may")).where(_in_these).cte("there")
    changed = (
        update(products)
        .where(p.id == there.c.id, there.c.may)
        .values(category_id=_to, version=p.version + 1)
        .returning(p.id, p.version, there.c.category_id.label("before"))
        .cte("changed")
    )
    before = cast(changed.c.before, String())
    entry: Mapping[str, Any] = {
        "id": func.gen_random_uuid(),
        "product_id": changed.c.id,
        "version": changed.c.version,
        "occurred_at": bindparam("_at", type_=moment()),
        "actor_id": bindparam("_actor_id", type_=Uuid()),
        "impersonator_id": bindparam("_impersonator_id", type_=Uuid()),
        "happened": literal([ProductChanged.kind()], ARRAY(String)),
        "changes": func.jsonb_build_object(
            "category_id",
            func.jsonb_build_object("before", before, "after", cast(_to, String())),
        ),
    }
    entries = insert(history).from_select([*entry], select(*entry.values())).cte("entries")
    return select(there.c.id, there.c.may).add_cte(changed, entries)
