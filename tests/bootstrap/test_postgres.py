"""The embedded server in everyday use: started, adopted, shared, stopped."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from bootstrap.postgres import Binaries, EmbeddedPostgres, find_binaries
from bootstrap.postgres.account import server_account
from bootstrap.postgres.handshake import any_free_port
from tests.bootstrap.embedded import new_home, output, program, sql

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with new_home() as home:
        yield EmbeddedPostgres(home, durable=False)


def test_the_owner_may_build_and_the_application_may_only_connect(server: EmbeddedPostgres) -> None:
    roles = server.start()
    sql(roles.owner_url, "CREATE SCHEMA warehouse")
    sql(roles.owner_url, "CREATE ROLE warehouse_fence NOLOGIN")
    assert sql(roles.app_url, "SELECT current_user") == [("app",)]
    for forbidden in (
        "CREATE TABLE public.mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE SCHEMA mine",
        "CREATE TABLE warehouse.mine ()",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "SET ROLE app_owner",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            sql(roles.app_url, forbidden)


def test_passwords_are_needed_generated_and_private(server: EmbeddedPostgres) -> None:
    roles = server.start()
    with pytest.raises(asyncpg.InvalidPasswordError):
        sql(roles.app_url.replace("app:", "app:not"), "SELECT 1")
    files = list(server.status().data_directory.parent.glob("password.*"))
    assert len({file.read_text() for file in files}) == len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_only_this_machine_is_listened_to(server: EmbeddedPostgres) -> None:
    url = server.superuser_url()
    assert sql(url, "SHOW listen_addresses") == [("127.0.0.1",)]
    assert sql(url, "SHOW unix_socket_directories") == [("",)]


def test_durability_is_given_up_only_when_asked(server: EmbeddedPostgres) -> None:
    tests = server.start().owner_url
    assert sql(tests, "SHOW fsync") == [("off",)]
    assert sql(tests, "SHOW max_connections") == [("1000",)]
    with new_home() as home:
        durable = EmbeddedPostgres(home).start().owner_url
        assert sql(durable, "SHOW max_connections") == [("200",)]
        assert sql(durable, "SHOW fsync") == [("on",)]
        assert sql(durable, "SHOW synchronous_commit") == [("on",)]
        assert sql(durable, "SHOW full_page_writes") == [("on",)]


def test_a_second_start_changes_nothing(server: EmbeddedPostgres) -> None:
    first, before = server.start(), server.status()
    assert (server.start(), server.status()) == (first, before)
    assert before.running
    assert before.version.split(".")[0] in before.data_directory.parent.name


def test_another_process_adopts_the_running_server(server: EmbeddedPostgres) -> None:
    roles = server.start()
    home = server.status().data_directory.parents[1]
    other = program(home, "print(server.start().app_url, server.status().pid)")
    assert output(other) == f"{roles.app_url} {server.status().pid}"


def test_five_processes_starting_at_once_share_one_server() -> None:
    with new_home() as home:
        body = "print(server.start().owner_url, server.status().pid)"
        said = {output(process) for process in [program(home, body) for _ in range(5)]}
        assert len(said) == 1
        log = EmbeddedPostgres(home, durable=False).status().data_directory.with_name("server.log")
        assert log.read_text().count("starting PostgreSQL") == 1


def test_the_server_outlives_a_killed_parent_and_is_adopted() -> None:
    with new_home() as home:
        parent = program(home, "print(server.start().owner_url, flush=True); time.sleep(60)")
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        os.killpg(parent.pid, signal.SIGKILL)
        parent.communicate()
        server = EmbeddedPostgres(home, durable=False)
        survivor = server.status()
        assert survivor.running
        assert server.start().owner_url == url
        assert server.status().pid == survivor.pid


def test_stop_keeps_rows_and_port_and_may_be_repeated() -> None:
    with new_home() as home:
        EmbeddedPostgres(home, port=any_free_port(), durable=False).start()
        server = EmbeddedPostgres(home, durable=False)
        before = server.start()
        sql(before.owner_url, "CREATE TABLE kept AS SELECT 7 AS number")
        server.stop()
        server.stop()
        stopped = server.status()
        assert (stopped.running, stopped.port, stopped.pid) == (False, None, None)
        assert server.start() == before
        assert sql(before.owner_url, "SELECT number FROM kept") == [(7,)]


def test_status_and_stop_create_nothing(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "none", durable=False)
    assert not server.status().running
    server.stop()
    assert list(tmp_path.iterdir()) == []


def test_an_ordinary_user_has_a_server_of_their_own() -> None:
    with new_home() as home:
        home.parent.chmod(0o777)
        body = """
try:
    server.start()
    print(server.status().data_directory.stat().st_uid == os.geteuid() != 0)
    server.reset()
finally:
    server.stop()
print(server.status().running)
"""
        assert output(program(home, body, ordinary_user=True)).split() == ["True", "False"]


@pytest.mark.skipif(server_account() is None, reason="an ordinary user runs the server as itself")
def test_root_keeps_data_and_programs_where_the_server_can_reach_them(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    found = find_binaries()
    package = found.directory.parents[1]
    for directory in package.parent.glob(f"{package.name}*"):
        if directory.suffix != ".dist-info":
            shutil.copytree(directory, closed / directory.name, copy_function=os.link)
    hidden = closed / found.directory.relative_to(package.parent)
    binaries = Binaries(hidden, found.version, "a closed directory")
    server = EmbeddedPostgres(closed / "postgres", durable=False, binaries=binaries)
    place = server.status().data_directory.parents[1]
    try:
        assert sql(server.start().app_url, "SELECT 1") == [(1,)]
        assert not place.is_relative_to(tmp_path)
        assert (closed / "postgres" / "LOCATION").read_text().strip() == str(place)
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        server.stop()
        shutil.rmtree(place)
