"""`app db`: what a person, or a script, sees."""

import json
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bootstrap.cli.db import HOME, db_app
from bootstrap.postgres import EmbeddedPostgres
from tests.bootstrap.embedded import new_home, sql

pytestmark = pytest.mark.xdist_group("postgres-archive")


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """The embedded server that `app db` finds in the current directory."""
    with new_home() as home:
        home.mkdir()
        with chdir(home):
            embedded = EmbeddedPostgres(HOME, durable=False)
            embedded.start()
            yield embedded
            embedded.stop()


@pytest.fixture(autouse=True)
def rows(server: EmbeddedPostgres) -> None:
    server.reset()
    sql(server.start().owner_url, "CREATE TABLE kept AS SELECT 7 AS number")


def db(*arguments: str | Path, url: str | None = None) -> Result:
    given = {"MIGRATION_DATABASE_URL": None, "DATABASE_URL": url}
    return CliRunner().invoke(db_app, [str(argument) for argument in arguments], env=given)


def kept(server: EmbeddedPostgres) -> bool:
    found = sql(server.start().owner_url, "SELECT to_regclass('public.kept') IS NOT NULL")
    return found == [(True,)]


def test_status_tells_where_the_server_is(server: EmbeddedPostgres) -> None:
    shown = json.loads(db("status", "--json").stdout)
    assert (shown["running"], shown["port"]) == (True, server.status().port)
    assert f"runs on port {server.status().port}" in db("status").stdout


def test_status_of_a_given_server_shows_no_password(server: EmbeddedPostgres) -> None:
    url = server.start().app_url
    shown = db("status", url=url)
    assert shown.exit_code == 0
    assert f"127.0.0.1:{server.status().port}/app" in shown.stdout
    assert url.split(":")[2].split("@")[0] not in shown.output


def test_a_server_that_does_not_answer_is_an_environment_failure() -> None:
    gone = db("status", "--json", url="postgresql+asyncpg://app:secret@127.0.0.1:1/app")
    assert gone.exit_code == json.loads(gone.stdout)["exit_code"] == 5
    assert "secret" not in gone.output
    assert db("status", url="mysql://127.0.0.1/app").exit_code == 5


def test_destroying_needs_a_yes(server: EmbeddedPostgres, tmp_path: Path) -> None:
    file = tmp_path / "there.dump"
    assert db("backup", file).exit_code == 0
    for command in (["reset"], ["restore", file], ["backup", file]):
        refused = db(*command)
        assert refused.exit_code == 4
        assert "--yes" in refused.output
    assert db("reset", url=server.start().owner_url).exit_code == 4
    assert kept(server)


def test_reset_empties_the_embedded_database(server: EmbeddedPostgres) -> None:
    assert db("reset", "--yes").exit_code == 0
    assert not kept(server)


def test_a_backup_comes_back(server: EmbeddedPostgres, tmp_path: Path) -> None:
    file = tmp_path / "kept.dump"
    assert json.loads(db("backup", file, "--json").stdout)["bytes"] == file.stat().st_size
    sql(server.start().owner_url, "DROP TABLE kept")
    assert db("restore", file, "--yes", "--quiet").output == ""
    assert kept(server)


def test_a_given_server_is_backed_up_reset_and_restored_with_its_owners_rights(
    server: EmbeddedPostgres, tmp_path: Path
) -> None:
    file, url = tmp_path / "given.dump", server.start().owner_url
    assert db("backup", file, url=url).exit_code == 0
    assert db("reset", "--yes", url=url).exit_code == 0
    assert not kept(server)
    assert sql(url, "CREATE TABLE public.usable ()") == []
    assert db("restore", file, "--yes", url=url).exit_code == 0
    assert kept(server)


@pytest.mark.parametrize("given", [True, False], ids=["given", "embedded"])
def test_a_broken_backup_fails_the_command_and_changes_nothing(
    server: EmbeddedPostgres, tmp_path: Path, *, given: bool
) -> None:
    file, url = tmp_path / "broken.dump", server.start().owner_url if given else None
    assert db("backup", file, url=url).exit_code == 0
    file.write_bytes(file.read_bytes()[:-10])
    assert db("restore", file, "--yes", url=url).exit_code == 1
    assert kept(server)
    assert db("restore", tmp_path / "absent.dump", "--yes", url=url).exit_code == 2


@pytest.mark.parametrize("given", [True, False], ids=["given", "embedded"])
def test_psql_opens_on_the_database_and_passes_its_exit_code_on(
    server: EmbeddedPostgres, capfd: pytest.CaptureFixture[str], *, given: bool
) -> None:
    url = server.start().owner_url if given else None
    assert db("psql", "--no-psqlrc", "-Atc", "TABLE kept", url=url).exit_code == 0
    assert capfd.readouterr().out.strip() == "7"
    assert db("psql", "-c", "TABLE absent", url=url).exit_code == 1


def test_stop_ends_the_embedded_server_but_no_other(server: EmbeddedPostgres) -> None:
    url = server.start().owner_url
    assert db("stop", url=url).exit_code == 4
    assert server.status().running
    assert db("stop").exit_code == 0
    assert not server.status().running
    assert not json.loads(db("status", "--json").stdout)["running"]
