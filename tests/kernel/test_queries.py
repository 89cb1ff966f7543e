"""Typed reads: every page is visited once, whatever the sort, the size and the repetitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Named,
    Numeric,
    String,
    Table,
    TypedColumns,
    Uuid,
    bindparam,
    insert,
    select,
)

from shared_kernel.adapters.sql import Listing, Query, choice, moment
from shared_kernel.application import Outcome, Slice
from tests.kernel.garden import Garden, execute
from tests.kit.cluster import TestDatabase


class SeedColumns(TypedColumns):
    id: Named[UUID] = Column(Uuid, primary_key=True)
    name: Named[str] = Column(String(40), nullable=False)
    rank: Named[int] = Column(Integer, nullable=False)
    price: Named[Decimal] = Column(Numeric(12, 2), nullable=False)
    sown_at: Named[datetime] = Column(moment(), nullable=False)
    outcome: Named[Outcome] = Column(choice(Outcome), nullable=False)


seeds = Table("seeds", MetaData(schema="garden"), SeedColumns)
c = seeds.c


@dataclass(frozen=True)
class SeedView:
    """A seed as it is shown."""

    id: UUID
    rank: int
    outcome: Outcome


SHOWN = select(c.id, c.rank, c.outcome)
LIST = Listing(
    SHOWN,
    SeedView,
    id=c.id,
    filters={"outcome": c.outcome == bindparam("outcome"), "above": c.rank > bindparam("above")},
    sorts={one.name: one for one in (c.id, c.name, c.rank, c.price, c.sown_at)},
)
COUNT = 60
START = datetime(2026, 1, 1, tzinfo=UTC)


async def sow(garden: Garden, ground: TestDatabase) -> None:
    """Sow sixty seeds; names, ranks, prices and moments repeat."""
    await execute(
        ground.owner_url,
        "create table if not exists garden.seeds (id uuid primary key, name text,"
        " rank int, price numeric(12,2), sown_at timestamptz, outcome text)",
    )
    await execute(ground.owner_url, "grant all on garden.seeds to app")
    await execute(ground.owner_url, "delete from garden.seeds")
    rows = [
        {
            "id": UUID(int=number * 7919 % 1009),
            "name": ["É", "e", "Z", "a b", ""][number % 5],
            "rank": number % 4 - 1,
            "price": Decimal(number % 3) / 4,
            "sown_at": START + timedelta(microseconds=number % 6),
            "outcome": list(Outcome)[number % 2],
        }
        for number in range(1, COUNT + 1)
    ]
    async with garden.database.session.begin() as session:
        await session.execute(insert(seeds), rows)


async def visited(garden: Garden, sort: str, size: int, **where: object) -> list[UUID]:
    found: list[UUID] = []
    after: tuple[str, ...] | None = ()
    while after is not None:
        page = await LIST.page(garden.database.reads, where, sort, Slice(limit=size, after=after))
        assert len(page.items) <= size
        found.extend(one.id for one in page.items)
        after = page.last
    return found


async def test_pages_visit_everything_once_in_order_for_any_sort_and_size(
    garden: Garden, ground: TestDatabase
) -> None:
    await sow(garden, ground)
    for key in ("id", "name", "rank", "price", "sown_at"):
        for sort in (key, f"-{key}"):
            direction = "desc" if sort.startswith("-") else "asc"
            sql = f"select id from garden.seeds order by {key} {direction}, id {direction}"
            wanted = [one for (one,) in await garden.rows(sql)]
            assert len(wanted) == COUNT
            for size in (1, 7, COUNT - 1, COUNT, COUNT + 1):
                assert await visited(garden, sort, size) == wanted, (sort, size)


async def test_filters_given_as_none_are_left_out_and_others_narrow(
    garden: Garden, ground: TestDatabase
) -> None:
    await sow(garden, ground)
    assert len(await visited(garden, "rank", 7, outcome=None, above=None)) == COUNT
    done = await visited(garden, "rank", 7, outcome=Outcome.DONE, above=None)
    assert len(done) == COUNT // 2
    both = await visited(garden, "-rank", 7, outcome=Outcome.DONE, above=0)
    sql = "select count(*) from garden.seeds where outcome = 'done' and rank > 0"
    assert [(len(both),)] == await garden.rows(sql)
    assert await visited(garden, "name", 5, above=10**6) == []


async def test_rows_become_views_with_the_types_of_their_columns(
    garden: Garden, ground: TestDatabase
) -> None:
    await sow(garden, ground)
    one = Query(SHOWN.where(c.id == bindparam("id")), SeedView)
    reads = garden.database.reads
    assert await one.first(reads, id=UUID(int=7919 % 1009)) == SeedView(
        UUID(int=7919 % 1009), 0, Outcome.REFUSED
    )
    assert await one.first(reads, id=UUID(int=2**100)) is None
    named = Query(SHOWN.where(c.outcome == bindparam("outcome")).order_by(c.id), SeedView)
    found = await named.all(reads, outcome=Outcome.DONE)
    assert {view.outcome for view in found} == {Outcome.DONE}
    assert len(found) == COUNT // 2
