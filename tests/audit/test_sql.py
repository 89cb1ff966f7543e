"""The log in PostgreSQL, over the role the application runs as and over the owner's."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio

from modules.audit.adapters.sql import SqlAuditQueries, SqlAuditTrail, SqlAuditWriter
from modules.audit.application import AuditEventView, AuditFilter
from shared_kernel.adapters.sql import Database
from shared_kernel.application import AuditEntry, Origin, Outcome, Slice, origin
from shared_kernel.domain import AccountId, Unavailable
from tests.kit.cluster import TestDatabase

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def opened(database: TestDatabase) -> AsyncGenerator[Database]:
    made = Database(database.app_url)
    yield made
    await made.close()


@pytest.fixture
def trail(opened: Database) -> SqlAuditTrail:
    return SqlAuditTrail(opened, SqlAuditWriter())


@pytest.fixture
def queries(opened: Database) -> SqlAuditQueries:
    return SqlAuditQueries(opened)


async def everything(queries: SqlAuditQueries, where: AuditFilter) -> list[AuditEventView]:
    found: list[AuditEventView] = []
    after: tuple[str, ...] | None = ()
    while after is not None:
        page = await queries.events(where, Slice(limit=3, after=after))
        found.extend(page.items)
        after = page.last
    return found


async def test_an_entry_is_read_back_as_it_was_told(
    trail: SqlAuditTrail, queries: SqlAuditQueries
) -> None:
    actor, subject = AccountId(uuid4()), uuid4()
    token = origin.set(Origin(request_id="r-1", address="192.0.2.7", actor_id=actor))
    try:
        await trail.record(
            AuditEntry(
                action="test.tried",
                occurred_at=START,
                outcome=Outcome.REFUSED,
                subject_id=subject,
                detail={"why": "because"},
            )
        )
    finally:
        origin.reset(token)
    [view] = await everything(queries, AuditFilter(subject_id=subject))
    assert view == AuditEventView(
        view.id,
        START,
        "test.tried",
        Outcome.REFUSED,
        actor,
        subject,
        "192.0.2.7",
        "r-1",
        {"why": "because"},
    )


async def test_an_entry_names_whoever_acted_in_the_actors_name(
    trail: SqlAuditTrail, queries: SqlAuditQueries
) -> None:
    support, subject = AccountId(uuid4()), uuid4()
    acting = Origin(request_id="r-1").by(AccountId(uuid4()), support)
    token = origin.set(acting)
    try:
        await trail.record(
            AuditEntry(
                action="test.tried", occurred_at=START, subject_id=subject, detail={"a": "b"}
            )
        )
    finally:
        origin.reset(token)
    [view] = await everything(queries, AuditFilter(subject_id=subject))
    assert view.actor_id == acting.actor_id
    assert view.detail == {"impersonator_id": str(support), "a": "b"}


async def test_an_actor_found_on_the_way_wins_over_the_origin(
    trail: SqlAuditTrail, queries: SqlAuditQueries
) -> None:
    actor = AccountId(uuid4())
    await trail.record(AuditEntry(action="test.signed_in", occurred_at=START, actor_id=actor))
    assert [one.actor_id for one in await everything(queries, AuditFilter(actor_id=actor))] == [
        actor
    ]


async def test_entries_come_newest_first_and_each_filter_narrows(
    trail: SqlAuditTrail, queries: SqlAuditQueries
) -> None:
    actor, subject = AccountId(uuid4()), uuid4()
    for hour in range(8):
        await trail.record(
            AuditEntry(
                action=f"test.{'even' if hour % 2 == 0 else 'odd'}",
                occurred_at=START + timedelta(hours=hour),
                outcome=Outcome.DONE if hour < 4 else Outcome.REFUSED,
                actor_id=actor,
                subject_id=subject,
            )
        )

    async def hours(**narrower: object) -> list[int]:
        where = AuditFilter(actor_id=actor, **narrower)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # fields by name
        return [
            (one.occurred_at - START).seconds // 3600 for one in await everything(queries, where)
        ]

    assert await hours() == [7, 6, 5, 4, 3, 2, 1, 0]
    assert await hours(subject_id=UUID(int=1)) == []
    assert await hours(action="test.even") == [6, 4, 2, 0]
    assert await hours(outcome=Outcome.REFUSED) == [7, 6, 5, 4]
    assert await hours(since=START + timedelta(hours=2), until=START + timedelta(hours=5)) == [
        4,
        3,
        2,
    ]


async def test_nothing_sent_can_keep_an_entry_from_being_saved(
    trail: SqlAuditTrail, queries: SqlAuditQueries
) -> None:
    subject = uuid4()
    nasty = "\0\ud800\x1b[31m\r\n" + "💥" * 100_000
    token = origin.set(Origin(request_id=nasty, address=nasty))
    try:
        await trail.record(
            AuditEntry(
                action=nasty,
                occurred_at=START,
                subject_id=subject,
                detail={nasty: nasty, "\0": "", **{str(n): nasty for n in range(1000)}},
            )
        )
    finally:
        origin.reset(token)
    assert len(await everything(queries, AuditFilter(subject_id=subject))) == 1


@pytest.mark.parametrize("statement", ["update audit.events set action = 'x'",
                                       "delete from audit.events where false",
                                       "truncate audit.events"])  # fmt: skip
@pytest.mark.parametrize("role", ["app_url", "owner_url"])
async def test_nobody_changes_or_removes_entries(
    database: TestDatabase, role: str, statement: str
) -> None:
    connection = await asyncpg.connect(getattr(database, role))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_an_entry_that_cannot_be_saved_is_no_action(database: TestDatabase) -> None:
    away = Database("postgresql://app:wrong@127.0.0.1:1/app")
    try:
        with pytest.raises(Unavailable):
            await SqlAuditTrail(away, SqlAuditWriter()).record(
                AuditEntry(action="test.tried", occurred_at=START)
            )
    finally:
        await away.close()
