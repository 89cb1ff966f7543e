"""Every revision goes up, down and up; the models are what migrations make; kills do no harm."""

from __future__ import annotations

import asyncio
from collections.abc import Generator

import pytest
from alembic.script import ScriptDirectory

from bootstrap import migrate
from bootstrap.migrate import Patience
from bootstrap.migrate.connection import TURN
from bootstrap.revisions import ROOT, DatabaseBehind, require_current, revisions
from shared_kernel.adapters.sql import Database
from tests.architecture.migrating import (
    holding,
    migrating,
    refusal,
    refusals,
    rows,
    scratch,
    until,
    up_and_down,
)
from tests.kit.cluster import TestDatabase

BRANCHES = [name for name in migrate.schemas() if revisions(name)]
VERSIONS = "select version_num from platform.alembic_version order by 1"
HEADS = sorted(revisions(name)[-1] for name in BRANCHES)
LEFT = """
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $1 and c.relkind in ('r', 'S', 'v', 'm') and c.relname <> 'alembic_version'
    union all
    select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = $1
"""
TABLES = [one for metadata in migrate.schemas().values() for one in metadata.tables.values()]
VERBS = ["select", "insert", "update", "delete"]
MAY = """
    select name, verb, has_table_privilege(name, verb)
    from unnest($1::text[]) name, unnest($2::text[]) verb
"""
LOCK = "lock table platform.alembic_version in exclusive mode"
IMPATIENT = Patience(lock=0.2, attempts=2, pause=0.1, turn=0.3)
WAITING = """
    select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'relation'
"""


@pytest.fixture
def empty() -> Generator[TestDatabase]:
    with scratch(migrated=False) as made:
        yield made


@pytest.fixture
def migrated() -> Generator[TestDatabase]:
    with scratch(migrated=True) as made:
        yield made


@pytest.fixture(scope="module")
def settled() -> Generator[TestDatabase]:
    with scratch(migrated=True) as made:
        yield made


@pytest.mark.parametrize("branch", BRANCHES)
def test_every_revision_goes_up_and_down_and_up(migrated: TestDatabase, branch: str) -> None:
    there = revisions(branch)
    for revision, before in zip(reversed(there), [*reversed(there[:-1]), None], strict=True):
        lower = before or f"{branch}@base"
        assert migrate.downgrade(migrated.owner_url, lower) == [revision]
        up_and_down(migrated.owner_url, revision, lower)
    assert rows(migrated.owner_url, LEFT, branch) == []
    assert migrate.upgrade(migrated.owner_url) == there
    assert migrate.check(migrated.owner_url) == []


def test_the_tables_are_as_the_modules_declare_them(settled: TestDatabase) -> None:
    assert migrate.check(settled.owner_url) == []


@pytest.mark.parametrize("branch", BRANCHES)
def test_each_branch_is_one_line_numbered_without_gaps(branch: str) -> None:
    assert revisions(branch) == [f"{branch}_{n:04}" for n in range(1, len(revisions(branch)) + 1)]
    script = ScriptDirectory(str(ROOT), version_locations=[str(ROOT / branch)])
    walked = [one.revision for one in script.walk_revisions()]
    assert walked == list(reversed(revisions(branch)))


def test_five_processes_at_once_all_succeed_and_one_does_the_work(empty: TestDatabase) -> None:
    racing = [migrating(empty) for _ in range(5)]
    printed = [one.communicate(timeout=60) for one in racing]
    assert [one.returncode for one in racing] == [0] * 5, printed
    *nothing, applied = sorted((out.split() for out, _ in printed), key=len)
    assert nothing == [[]] * 4
    assert sorted(applied) == sorted(one for name in BRANCHES for one in revisions(name))
    assert rows(empty.owner_url, VERSIONS) == [(head,) for head in HEADS]


def test_killed_between_a_revision_and_its_mark_it_ends_at_head_the_next_time(
    migrated: TestDatabase,
) -> None:
    migrate.downgrade(migrated.owner_url, "audit@base")
    with holding(migrated.owner_url, LOCK):
        process = migrating(migrated)
        until(lambda: bool(rows(migrated.owner_url, WAITING)))
        process.kill()
        process.communicate()
    assert process.returncode == -9
    again = migrating(migrated)
    out, errors = again.communicate()
    assert (again.returncode, out.split()) == (0, revisions("audit")), errors
    assert migrate.check(migrated.owner_url) == []


def test_a_table_that_stays_locked_is_a_clear_error(migrated: TestDatabase) -> None:
    migrate.downgrade(migrated.owner_url, "audit@base")
    with holding(migrated.owner_url, LOCK), pytest.raises(migrate.TableLocked) as caught:
        migrate.upgrade(migrated.owner_url, patience=IMPATIENT)
    assert "stays locked by another session" in str(caught.value)
    assert "alembic_version" in str(caught.value)
    assert rows(migrated.owner_url, LEFT, "audit") == []


def test_a_lock_that_is_given_up_in_time_only_delays(migrated: TestDatabase) -> None:
    migrate.downgrade(migrated.owner_url, "audit@base")
    with holding(migrated.owner_url, LOCK):
        process = migrating(migrated)
        until(lambda: bool(rows(migrated.owner_url, WAITING)))
    out, errors = process.communicate(timeout=30)
    assert (process.returncode, out.split()) == (0, revisions("audit")), errors


def test_a_process_that_migrates_for_too_long_is_named_as_the_reason(
    migrated: TestDatabase,
) -> None:
    with (
        holding(migrated.owner_url, f"select pg_advisory_lock({TURN})"),
        pytest.raises(migrate.TableLocked, match="another process has been migrating"),
    ):
        migrate.upgrade(migrated.owner_url, patience=IMPATIENT)


@pytest.mark.parametrize(
    "statement",
    [
        "create table {schema}.mine (n int)",
        "drop table {table}",
        "alter table {table} add column mine int",
        "truncate {table}",
        "create schema mine",
        "update platform.alembic_version set version_num = version_num",
        "delete from platform.alembic_version",
        "update audit.events set action = action",
        "delete from audit.events",
        "truncate audit.events",
        "alter table audit.events disable trigger all",
    ],
)
def test_the_run_time_role_cannot(settled: TestDatabase, statement: str) -> None:
    texts = {statement.format(schema=one.schema, table=one.fullname) for one in TABLES}
    assert refusals(settled.app_url, texts) == dict.fromkeys(texts, "42501")


def test_the_run_time_role_can_do_its_work(settled: TestDatabase) -> None:
    names = [one.fullname for one in TABLES]
    held = rows(settled.app_url, MAY, names, VERBS)
    assert {(table, verb) for table, verb, allowed in held if allowed} == {
        (one.fullname, verb)
        for one in TABLES
        for verb in (VERBS[:2] if one.info.get("append_only") else VERBS)
    }


def test_rights_are_put_right_by_every_run(migrated: TestDatabase) -> None:
    rows(migrated.owner_url, "grant update, delete, truncate on audit.events to app")
    rows(migrated.owner_url, "create table platform.later (n int)")
    assert refusal(migrated.app_url, "select from platform.later") == "42501"
    migrate.upgrade(migrated.owner_url, app_role="app")
    assert refusal(migrated.app_url, "delete from platform.later") is None
    assert refusal(migrated.app_url, "truncate platform.later") == "42501"
    for verb in ("update", "delete", "truncate"):
        [(allowed,)] = rows(
            migrated.app_url, f"select has_table_privilege('audit.events', '{verb}')"
        )
        assert allowed is False


def test_the_role_that_may_not_migrate_is_told_who_may(migrated: TestDatabase) -> None:
    migrate.downgrade(migrated.owner_url, "audit@base")
    with pytest.raises(migrate.NotAllowed, match="MIGRATION_DATABASE_URL"):
        migrate.upgrade(migrated.app_url)


def test_a_database_that_is_away_is_a_clear_error() -> None:
    with pytest.raises(migrate.DatabaseAway, match="does not answer"):
        migrate.upgrade("postgresql://app:secret@127.0.0.1:1/app")


def test_a_wrong_password_is_a_clear_error_without_the_password(settled: TestDatabase) -> None:
    wrong = settled.owner_url.replace("@", "secret@")
    with pytest.raises(migrate.DatabaseAway) as caught:
        migrate.upgrade(wrong)
    assert "secret" not in str(caught.value)


async def test_the_application_takes_a_database_that_is_current(database: TestDatabase) -> None:
    opened = Database(database.app_url)
    try:
        await require_current(opened)
    finally:
        await opened.close()


@pytest.mark.parametrize("start", [None, "audit@base"])
def test_the_application_says_which_revisions_are_missing(
    migrated: TestDatabase, empty: TestDatabase, start: str | None
) -> None:
    if start:
        migrate.downgrade(migrated.owner_url, start)
    with pytest.raises(DatabaseBehind, match=r"audit_0001.*run `app db migrate`"):
        asyncio.run(_require((migrated if start else empty).app_url))


def test_the_application_runs_on_a_database_that_is_ahead(migrated: TestDatabase) -> None:
    ahead = "update platform.alembic_version set version_num = $1 where version_num = $2"
    rows(migrated.owner_url, ahead, "audit_9999", revisions("audit")[-1])
    asyncio.run(_require(migrated.app_url))


async def _require(url: str) -> None:
    opened = Database(url)
    try:
        await require_current(opened)
    finally:
        await opened.close()
