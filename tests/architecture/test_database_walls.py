"""The migrated database, asked five questions; and each question, shown what it has to find."""

from collections.abc import AsyncGenerator

import asyncpg
import pytest
import pytest_asyncio

from bootstrap.boundaries.database import QUESTIONS, database
from bootstrap.boundaries.loaded.application import PLATFORM
from bootstrap.modules import discover
from tests.kit.cluster import TestDatabase

GROUND = """
    create schema oak;
    create schema elm;
    create table oak.leaves (id uuid primary key, colour text);
    create table elm.leaves (id uuid primary key, colour text);
    create sequence elm.numbers;
    create type elm.season as enum ('autumn');
    create function oak.fall() returns trigger language plpgsql as 'begin return new; end';
    create function elm.fall() returns trigger language plpgsql as 'begin return new; end';
"""

PLANTED = {
    "a foreign key": (
        "foreign-keys",
        "create table oak.twigs (leaf_id uuid references elm.leaves)",
    ),
    "a view": ("views", "create view oak.theirs as select colour from elm.leaves"),
    "a materialized view": (
        "views",
        "create materialized view oak.kept as select id from oak.leaves join elm.leaves using (id)",
    ),
    "a rule": (
        "views",
        "create rule r as on insert to oak.leaves do also insert into elm.leaves values (new.id)",
    ),
    "a trigger": (
        "triggers",
        "create trigger t before insert on oak.leaves for each row execute function elm.fall()",
    ),
    "a function's text": (
        "triggers",
        "create function oak.n() returns bigint language sql as 'select count(*) from elm.leaves'",
    ),
    "a default": (
        "defaults",
        "alter table oak.leaves add column number bigint default nextval('elm.numbers')",
    ),
    "a type": ("defaults", "alter table oak.leaves add column fell elm.season"),
    "a table in public": ("strays", "create table public.stray (id int)"),
    "a view in public": ("strays", "create view public.all_leaves as select * from oak.leaves"),
    "a function in public": (
        "strays",
        "create function public.help() returns int language sql as 'select 1'",
    ),
    "a schema of no module": ("strays", "create schema moss; create table moss.spore (id int)"),
}

ALLOWED = {
    "a foreign key inside": "create table oak.twigs (leaf_id uuid references oak.leaves)",
    "a view inside": "create view oak.red as select id from oak.leaves where colour = 'red'",
    "a trigger inside": (
        "create trigger t before insert on oak.leaves for each row execute function oak.fall()"
    ),
    "an identity": "alter table oak.leaves add column n bigint generated always as identity",
    "a built-in default": "alter table oak.leaves add column at timestamptz default now()",
    "a column named like a module": "alter table oak.leaves add column elm text",
}


@pytest_asyncio.fixture
async def planting(database: TestDatabase) -> AsyncGenerator[asyncpg.Connection]:
    """A connection whose changes are forgotten at the end."""
    connection = await asyncpg.connect(database.owner_url)
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()


def schemas() -> list[str]:
    return [PLATFORM, *(module.name for module in discover())]


async def found(connection: asyncpg.Connection) -> list[str]:
    return [str(finding) async for finding in database(connection, [*schemas(), "oak", "elm"])]


async def test_nothing_in_the_migrated_database_crosses_schemas(
    planting: asyncpg.Connection,
) -> None:
    assert [str(finding) async for finding in database(planting, schemas())] == []


@pytest.mark.parametrize("what", PLANTED)
async def test_what_crosses_schemas_is_found_by_its_question(
    planting: asyncpg.Connection, what: str
) -> None:
    question, statement = PLANTED[what]
    await planting.execute(GROUND)
    assert await found(planting) == []
    await planting.execute(statement)
    answers = await planting.fetch(QUESTIONS[question], [*schemas(), "oak", "elm"])
    assert answers
    assert await found(planting)


@pytest.mark.parametrize("what", ALLOWED)
async def test_what_stays_inside_its_schema_is_left_alone(
    planting: asyncpg.Connection, what: str
) -> None:
    await planting.execute(GROUND)
    await planting.execute(ALLOWED[what])
    assert await found(planting) == []
