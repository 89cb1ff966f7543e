"""A condition filters rows as it decides about them one by one, nulls among them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from random import Random
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    MetaData,
    Named,
    Numeric,
    String,
    Table,
    TypedColumns,
    Uuid,
    insert,
)

from benchmarks.differential.worlds import ADDRESS, NOW, condition, world
from modules.access.application.rulebook.documents import parse
from modules.access.application.rulebook.vocabulary import attributes_of
from shared_kernel.adapters.sql import SqlGuardedObjects, moment
from shared_kernel.application.conditions import Condition, Facts, meets, reduced
from tests.kernel.garden import Garden, execute
from tests.kit.cluster import TestDatabase

CONDITIONS = 400
HERE = world(1)
THINGS = HERE.resources["shop.things"]
KNOWN = attributes_of(THINGS)
OTHERS = {"caller.id", "caller.roles", "environment.time"}
READ = {path: kind for path, kind in KNOWN.items() if path in OTHERS or "resource" in path}


class ToolColumns(TypedColumns):
    id: Named[UUID] = Column(Uuid, primary_key=True)
    owner_id: Named[UUID | None] = Column(Uuid())
    status: Named[str | None] = Column(String(20))
    tags: Named[list[str] | None] = Column(ARRAY(String))
    weight: Named[Decimal | None] = Column(Numeric(12, 2))
    made_at: Named[datetime | None] = Column(moment())
    place: Named[str | None] = Column(String(20))


tools = Table("tools", MetaData(schema="garden"), ToolColumns)
COLUMNS: Mapping[str, ColumnElement[object]] = {
    f"resource.{column.name}": column for column in tools.columns
}
CREATE = """
create table if not exists garden.tools (id uuid primary key, owner_id uuid, status varchar(20),
    tags varchar[], weight numeric(12, 2), made_at timestamptz, place varchar(20))
"""
ASKING: Facts = {
    "caller.id": HERE.accounts[0],
    "caller.roles": frozenset({"clerk", "north"}),
    "caller.verified": True,
    "caller.second_factor": None,
    "caller.authentication_age": 300,
    "caller.methods": frozenset({"pwd"}),
    "caller.means": "token",
    "caller.impersonated": False,
    "environment.time": NOW,
    "environment.hour": 14,
    "environment.weekday": 1,
    "environment.address": ADDRESS,
}


def tool(facts: Facts) -> dict[str, object]:
    found = {path.removeprefix("resource."): value for path, value in facts.items()}
    tags = facts["resource.tags"]
    return {**found, "tags": sorted(tags) if isinstance(tags, frozenset) else None}


def random_condition(random: Random) -> Condition:
    return reduced(parse(condition(random, READ, HERE.accounts), KNOWN), ASKING)


async def test_rows_are_filtered_as_they_are_decided_about_one_by_one(
    garden: Garden, ground: TestDatabase
) -> None:
    for statement in (CREATE, "grant all on garden.tools to app", "delete from garden.tools"):
        await execute(ground.owner_url, statement)
    things = [one for seed in range(8) for one in world(seed).objects]
    things = [{**one, "resource.id": UUID(int=n + 1)} for n, one in enumerate(things)]
    async with garden.database.session.begin() as session:
        await session.execute(insert(tools), [tool(one) for one in things])
    guarded, random = SqlGuardedObjects(garden.database, COLUMNS), Random(7)  # noqa: S311
    some, shapes = 0, set[Condition]()
    for _ in range(CONDITIONS):
        tried = random_condition(random)
        expected = [one["resource.id"] for one in things if meets(tried, one)]
        assert await guarded.matching(tried, limit=1_000) == expected, tried
        some += 0 < len(expected) < len(things)
        shapes.add(tried)
    assert some > CONDITIONS // 6
    assert len(shapes) > CONDITIONS // 4
