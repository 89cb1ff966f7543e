"""Writing a revision, and the commands around it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, collate, func
from typer.testing import CliRunner

from bootstrap import migrate
from bootstrap.cli.migrations import migrations_app
from bootstrap.migrate import Branches
from bootstrap.revisions import revisions
from shared_kernel.adapters.outbox import metadata as platform
from shared_kernel.adapters.sql import APPEND_ONLY, module_metadata
from tests.architecture.migrating import rows, scratch
from tests.kit.cluster import TestDatabase
from tests.kit.starting import ROOT


@pytest.fixture
def empty() -> Generator[TestDatabase]:
    with scratch(migrated=False) as made:
        yield made


@pytest.fixture(scope="module")
def settled() -> Generator[TestDatabase]:
    with scratch(migrated=True) as made:
        yield made


def branches(root: Path, tables: MetaData) -> Branches:
    """Two modules that exist only here; the second has no revisions."""
    return Branches(
        {"platform": MetaData(), "plants": tables, "bare": module_metadata("bare")}, root
    )


def garden(*columns: Column[object]) -> MetaData:
    made = module_metadata("plants")
    Table("beds", made, Column("id", Integer, primary_key=True), *columns, info=APPEND_ONLY)
    return made


def test_a_revision_holds_one_modules_changes_and_says_what_it_destroys(
    empty: TestDatabase, tmp_path: Path
) -> None:
    first = branches(tmp_path, garden(Column("depth", Integer), Column("soil", Text)))
    rows(empty.owner_url, "create schema platform")
    rows(empty.owner_url, "create table platform.stray (n int)")
    written = migrate.revise(empty.owner_url, "plants", "beds", branches=first)
    assert written is not None
    assert written.path == tmp_path / "plants" / "plants_0001_beds.py"
    assert written.destructive == []
    assert "stray" not in written.path.read_text()
    assert migrate.check(empty.owner_url, branches=first) == ["pending: plants_0001"]
    assert migrate.upgrade(empty.owner_url, app_role="app", branches=first) == ["plants_0001"]

    second = branches(tmp_path, garden(Column("depth", BigInteger, nullable=False)))
    Index("deep", *second.schemas["plants"].tables["plants.beds"].columns)
    again = migrate.revise(empty.owner_url, "plants", "Shallow, please", branches=second)
    assert again is not None
    assert sorted(again.destructive) == [
        "changes the type of beds.depth to BigInteger()",
        "drops the column beds.soil",
        "refuses null in beds.depth",
    ]
    assert again.path.name == "plants_0002_shallow_please.py"
    for tool in (["ruff", "format", "--check"], ["ruff", "check"], ["mypy", "--strict"]):
        command = [sys.executable, "-m", *tool, str(tmp_path / "plants")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    assert migrate.upgrade(empty.owner_url, branches=second) == ["plants_0002"]


def test_no_difference_writes_no_file(empty: TestDatabase, tmp_path: Path) -> None:
    chosen = branches(tmp_path, garden())
    assert migrate.revise(empty.owner_url, "bare", "nothing", branches=chosen) is None
    assert list(tmp_path.iterdir()) == []
    written = migrate.revise(empty.owner_url, "bare", "by hand", empty=True, branches=chosen)
    assert written is not None
    assert written.path.name == "bare_0001_by_hand.py"


def test_nothing_is_revised_against_a_database_that_is_behind(
    empty: TestDatabase, tmp_path: Path
) -> None:
    chosen = branches(tmp_path, garden())
    migrate.revise(empty.owner_url, "plants", "beds", branches=chosen)
    with pytest.raises(migrate.NotRevised, match="app db migrate"):
        migrate.revise(empty.owner_url, "plants", "more", branches=chosen)
    with pytest.raises(migrate.NotRevised, match="no module weeds"):
        migrate.revise(empty.owner_url, "weeds", "more", branches=chosen)


def test_what_differs_from_the_models_is_named(empty: TestDatabase, tmp_path: Path) -> None:
    chosen = branches(tmp_path, garden(Column("depth", Integer)))
    rows(empty.owner_url, "create schema platform")
    rows(empty.owner_url, "create schema plants")
    rows(empty.owner_url, "create table plants.beds (id int primary key, depth text, weed int)")
    assert sorted(migrate.check(empty.owner_url, branches=chosen)) == [
        "drift: modify type plants.beds.depth",
        "drift: remove column plants.beds.weed",
    ]


def test_an_index_on_an_expression_is_no_difference(empty: TestDatabase, tmp_path: Path) -> None:
    soil: Column[Any] = Column("soil", Text)
    tables = garden(soil)
    Index("low", collate(func.lower(soil), "C"))
    chosen = branches(tmp_path, tables)
    migrate.revise(empty.owner_url, "plants", "beds", branches=chosen)
    migrate.upgrade(empty.owner_url, branches=chosen)
    assert migrate.check(empty.owner_url, branches=chosen) == []
    assert migrate.revise(empty.owner_url, "plants", "again", branches=chosen) is None


def app(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch, *arguments: str
) -> tuple[int, str]:
    monkeypatch.setenv("DATABASE_URL", database.app_url)
    monkeypatch.setenv("MIGRATION_DATABASE_URL", database.owner_url)
    done = CliRunner().invoke(migrations_app, arguments)
    return done.exit_code, done.stdout


def test_migrate_status_and_check_tell_how_the_database_stands(
    empty: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out = app(empty, monkeypatch, "check", "--json")
    assert (code, "pending: audit_0001" in json.loads(out)["findings"]) == (1, True)
    code, out = app(empty, monkeypatch, "migrate", "--json")
    assert (code, "audit_0001" in json.loads(out)["applied"]) == (0, True)
    assert app(empty, monkeypatch, "migrate") == (0, "Nothing to apply.\n")
    assert app(empty, monkeypatch, "check") == (0, "The database is as declared.\n")
    code, out = app(empty, monkeypatch, "status", "--json")
    assert (
        code,
        {"name": "audit", "current": revisions("audit")[-1], "pending": []} in json.loads(out),
    ) == (
        0,
        True,
    )
    [(allowed,)] = rows(empty.app_url, "select has_table_privilege('audit.events', 'insert')")
    assert allowed is True


def test_a_revision_without_difference_says_so(
    settled: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out = app(settled, monkeypatch, "revision", "audit", "nothing")
    assert (code, out) == (0, "Nothing differs; no file was written.\n")
    assert app(settled, monkeypatch, "revision", "weeds", "nothing")[0] == 1


@pytest.mark.parametrize("command", ["migrate", "status", "check"])
def test_a_database_that_is_away_ends_the_command_with_5(
    settled: TestDatabase, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    away = TestDatabase(
        "app", "postgresql://app:pw@127.0.0.1:1/app", "postgresql://app@127.0.0.1:1/app"
    )
    code, out = app(away, monkeypatch, command, "--json")
    assert (code, json.loads(out)["exit_code"]) == (5, 5)
    assert "Traceback" not in out


def test_the_tables_of_the_platform_are_its_own() -> None:
    assert {table.schema for table in platform.tables.values()} == {"platform"}
