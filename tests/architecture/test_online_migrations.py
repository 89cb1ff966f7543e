"""Revisions that build indexes while the application works: through locks, kills and races."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from bootstrap import migrate
from bootstrap.revisions import revisions
from tests.architecture.migrating import holding, migrating, rows, scratch, until
from tests.kit.cluster import TestDatabase

BEFORE, INDEXED = "catalog_0001", "ix_products_owner_id_name_id"
VALID = "select indisvalid from pg_index where indexrelid = to_regclass('catalog.' || $1)"
THERE = """
    select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
"""
END_BUILDING = """
    select pg_terminate_backend(pid, 5000) from pg_stat_activity
    where datname = current_database() and query ilike 'create index concurrently%'
"""
SOMEBODY_WRITES = "lock table catalog.products in row exclusive mode"


@pytest.fixture
def earlier() -> Generator[TestDatabase]:
    with scratch(migrated=True) as made:
        migrate.downgrade(made.owner_url, BEFORE)
        yield made


def test_an_index_waits_for_who_is_writing_and_keeps_nobody_from_it(earlier: TestDatabase) -> None:
    with holding(earlier.owner_url, SOMEBODY_WRITES):
        process = migrating(earlier)
        until(lambda: rows(earlier.owner_url, VALID, INDEXED) == [(False,)])
        rows(earlier.app_url, "update catalog.products set name = name")
        assert process.poll() is None
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out.split()) == (0, revisions("catalog")[1:]), errors
    assert migrate.check(earlier.owner_url) == []


def test_an_index_that_was_left_half_built_is_built_the_next_time(earlier: TestDatabase) -> None:
    with holding(earlier.owner_url, SOMEBODY_WRITES):
        process = migrating(earlier)
        until(lambda: rows(earlier.owner_url, VALID, INDEXED) == [(False,)])
        rows(earlier.owner_url, END_BUILDING)
        process.communicate(timeout=60)
    assert process.returncode == 1
    assert rows(earlier.owner_url, VALID, INDEXED) == [(False,)]
    assert migrate.upgrade(earlier.owner_url) == revisions("catalog")[1:]
    assert rows(earlier.owner_url, VALID, INDEXED) == [(True,)]
    assert migrate.check(earlier.owner_url) == []


def test_processes_that_wait_for_their_turn_do_not_keep_an_index_from_being_built(
    earlier: TestDatabase,
) -> None:
    with holding(earlier.owner_url, SOMEBODY_WRITES):
        racing = [migrating(earlier)]
        until(lambda: rows(earlier.owner_url, VALID, INDEXED) == [(False,)])
        racing += [migrating(earlier) for _ in range(3)]
        until(lambda: len(rows(earlier.owner_url, THERE)) == 5)  # who writes, too
    printed = [one.communicate(timeout=60) for one in racing]
    assert [one.returncode for one in racing] == [0] * 4, printed
    assert printed[0][0].split() == revisions("catalog")[1:]
