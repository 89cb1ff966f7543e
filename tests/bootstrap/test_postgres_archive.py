"""Backup, restore and reset of the embedded database: whole, or not at all."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from bootstrap.postgres import ArchiveRefused, EmbeddedPostgres, PostgresUnavailable
from tests.bootstrap.embedded import LOST, new_home, sql

pytestmark = pytest.mark.xdist_group("postgres-archive")

DATABASES = "SELECT datname FROM pg_database WHERE datname LIKE 'app%'"


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedPostgres]:
    with new_home() as home:
        yield EmbeddedPostgres(home, durable=False)


@pytest.fixture
def server(running: EmbeddedPostgres) -> EmbeddedPostgres:
    """A database with one table of 10,000 rows in a schema of its own."""
    running.reset()
    url = running.start().owner_url
    for statement in (
        "CREATE SCHEMA warehouse",
        "CREATE TABLE warehouse.items (id int PRIMARY KEY, name text NOT NULL)",
        "INSERT INTO warehouse.items SELECT n, md5(n::text) FROM generate_series(1, 10000) n",
        "GRANT USAGE ON SCHEMA warehouse TO app",
        "GRANT SELECT ON warehouse.items TO app",
    ):
        sql(url, statement)
    return running


def count(server: EmbeddedPostgres) -> object:
    """How many rows the application sees, with its own rights."""
    return sql(server.start().app_url, "SELECT count(*) FROM warehouse.items")[0][0]


def test_a_restored_backup_brings_back_rows_rights_and_owners(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    file = tmp_path / "whole.dump"
    server.backup(file)
    sql(server.start().owner_url, "DELETE FROM warehouse.items")
    server.restore(file)
    assert count(server) == 10_000
    owner = "SELECT tableowner FROM pg_tables WHERE tablename = 'items'"
    assert sql(server.start().owner_url, owner) == [("app_owner",)]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        sql(server.start().app_url, "DELETE FROM warehouse.items")
    assert sql(server.superuser_url(), DATABASES) == [("app",)]


def test_a_backup_is_readable_by_its_owner_only_and_leaves_no_part_behind(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    server.backup(tmp_path / "private.dump")
    assert (tmp_path / "private.dump").stat().st_mode & 0o777 == 0o600
    with pytest.raises(PostgresUnavailable, match="No such file"):
        server.backup(tmp_path / "nowhere" / "private.dump")
    assert [path.name for path in tmp_path.iterdir()] == ["private.dump"]


@pytest.mark.parametrize("kept", [0, 4, 100, -5000, -1])
def test_a_broken_backup_is_refused_and_loses_nothing(
    server: EmbeddedPostgres, tmp_path: Path, kept: int
) -> None:
    file = tmp_path / "broken.dump"
    server.backup(file)
    file.write_bytes(file.read_bytes()[:kept])
    sql(server.start().owner_url, "INSERT INTO warehouse.items VALUES (0, 'newer than the backup')")
    with pytest.raises(ArchiveRefused, match=r"[Tt]he database is as it was"):
        server.restore(file)
    assert count(server) == 10_001
    assert sql(server.superuser_url(), DATABASES) == [("app",)]


def test_a_backup_restores_on_a_machine_that_lacks_its_roles(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    url = server.start().owner_url
    sql(url, 'CREATE ROLE "the fence" NOLOGIN')
    sql(url, 'GRANT SELECT ON warehouse.items TO "the fence"')
    file = tmp_path / "moved.dump"
    server.backup(file)
    with new_home() as home:
        other = EmbeddedPostgres(home, durable=False)
        other.restore(file)
        assert count(other) == 10_000
        elsewhere = other.start().owner_url
        allowed = "SELECT has_table_privilege('the fence', 'warehouse.items', 'SELECT')"
        assert sql(elsewhere, allowed) == [(True,)]
        sql(elsewhere, 'GRANT "the fence" TO app')


async def test_restore_and_reset_end_the_connections_of_a_running_application(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    file = tmp_path / "busy.dump"
    server.backup(file)
    acts: list[Callable[[], None]] = [partial(server.restore, file), server.reset]
    for act in acts:
        connection = await asyncpg.connect(server.start().app_url)
        act()
        with pytest.raises(LOST):
            await connection.fetch("SELECT 1")
        await connection.close()


def test_reset_leaves_an_empty_database_under_the_same_address(server: EmbeddedPostgres) -> None:
    before = server.start()
    server.reset()
    assert server.start() == before
    schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'warehouse'"
    assert sql(before.app_url, schemas) == [(0,)]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        sql(before.app_url, "CREATE TABLE public.mine ()")
