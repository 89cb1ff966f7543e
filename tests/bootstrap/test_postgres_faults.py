"""The embedded server when things go wrong: killed, lied to, left half made."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bootstrap.postgres import EmbeddedPostgres, PostgresUnavailable, find_binaries
from bootstrap.postgres.account import server_account
from tests.bootstrap.embedded import LOST, new_home, program, sql

pytestmark = pytest.mark.xdist_group("postgres-faults")


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """A durable server, with one committed row, for all tests that leave it able to start."""
    with new_home() as home:
        embedded = EmbeddedPostgres(home)
        sql(embedded.start().owner_url, "CREATE TABLE kept AS SELECT 7 AS number")
        yield embedded


def rows(server: EmbeddedPostgres) -> list[tuple[object, ...]]:
    return sql(server.start().owner_url, "SELECT number FROM kept")


def pid_file(server: EmbeddedPostgres) -> Path:
    return server.status().data_directory / "postmaster.pid"


def rewrite(file: Path, line: int, number: int) -> None:
    lines = file.read_text().splitlines()
    lines[line] = str(number)
    file.write_text("\n".join(lines) + "\n")


def kill(server: EmbeddedPostgres) -> None:
    server.start()
    found = server.status()
    assert found.pid is not None
    os.kill(found.pid, signal.SIGKILL)
    _wait_until(lambda: not server.status().running)


def test_a_killed_server_recovers_with_every_committed_row(server: EmbeddedPostgres) -> None:
    url = server.start().owner_url
    busy = threading.Thread(target=_sleep_on, args=(url,))
    busy.start()
    sql(url, "CREATE TABLE recovered AS SELECT generate_series(1, 1000) AS number")
    kill(server)
    busy.join()
    assert sql(server.start().owner_url, "SELECT count(*) FROM recovered") == [(1000,)]


def _sleep_on(url: str) -> None:
    try:
        sql(url, "SELECT pg_sleep(30)")
    except LOST:
        return  # however the connection dies


@pytest.mark.parametrize("zombie", [True, False], ids=["zombie", "stranger"])
def test_the_pid_of_a_dead_server_may_belong_to_another(
    server: EmbeddedPostgres, *, zombie: bool
) -> None:
    kill(server)
    account = server_account()
    command = [str(server.binaries.tool("postgres")), "-V"] if zombie else ["sleep", "60"]
    other = subprocess.Popen(command, user=account.uid if account else None)
    state = Path(f"/proc/{other.pid}/stat")
    if zombie and state.exists():
        _wait_until(lambda: " Z " in state.read_text())
    rewrite(pid_file(server), 0, other.pid)
    try:
        assert rows(server) == [(7,)]
        assert other.poll() in {None, 0}
    finally:
        other.kill()
        other.wait()


def _wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_stop_never_signals_the_process_a_stale_pid_names(server: EmbeddedPostgres) -> None:
    kill(server)
    account = server_account()
    other = subprocess.Popen(["sleep", "60"], user=account.uid if account else None)
    rewrite(pid_file(server), 0, other.pid)
    try:
        server.stop()
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(0.2)
    finally:
        other.kill()
        other.wait()


@contextmanager
def stranger(heard: list[bytes]) -> Generator[int]:
    """Something that speaks PostgreSQL on some port and asks for the password in clear."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    heard.append(connection.recv(1000))
                    connection.sendall(b"N")
                    heard.append(connection.recv(1000))
                    connection.sendall(b"R\0\0\0\x08\0\0\0\x03")
                    heard.append(connection.recv(1000))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_a_stranger_on_the_port_is_not_adopted_and_learns_no_password(
    server: EmbeddedPostgres,
) -> None:
    directory = server.status().data_directory.parent
    kill(server)
    heard: list[bytes] = []
    with stranger(heard) as port:
        rewrite(pid_file(server), 3, port)
        (directory / "port").write_text(str(port))
        assert rows(server) == [(7,)]
        assert server.status().port != port
    assert any(b"user\0postgres\0" in part for part in heard)
    password = (directory / "password.postgres").read_bytes()
    assert password not in b"".join(heard)


def test_a_port_asked_for_is_used_or_refused(server: EmbeddedPostgres) -> None:
    server.start()
    home = server.status().data_directory.parents[1]
    running = server.status().port
    with pytest.raises(PostgresUnavailable, match=f"already runs on port {running}"):
        EmbeddedPostgres(home, port=1, durable=False).start()
    server.stop()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port: int = other.getsockname()[1]
        wanting = EmbeddedPostgres(home, port=port, durable=False)
        with pytest.raises(PostgresUnavailable, match=f"Port {port} .* something else listens"):
            wanting.start()
    assert f":{port}/" in wanting.start().app_url


def test_data_of_another_version_is_refused_and_left_alone(server: EmbeddedPostgres) -> None:
    server.stop()
    data = server.status().data_directory
    version = data / "PG_VERSION"
    own = version.read_text()
    version.write_text("12\n")
    names = sorted(path.name for path in data.iterdir())
    try:
        with pytest.raises(PostgresUnavailable, match=r"PostgreSQL 12.*Nothing was touched"):
            server.start()
        assert sorted(path.name for path in data.iterdir()) == names
    finally:
        version.write_text(own)
    assert rows(server) == [(7,)]


def test_a_half_made_cluster_is_made_anew_beside_an_older_version() -> None:
    with new_home() as home:
        major = find_binaries().major
        (home / f"pg{major}" / "data").mkdir(parents=True)
        (home / f"pg{major}" / "data" / "half").write_text("made")
        older = home / f"pg{major - 1}" / "data" / "PG_VERSION"
        older.parent.mkdir(parents=True)
        older.write_text(f"{major - 1}\n")
        assert EmbeddedPostgres(home, durable=False).start()
        assert older.read_text() == f"{major - 1}\n"
        assert [path.read_text() for path in home.glob("*.broken-*/data/half")] == ["made"]


def test_a_start_killed_during_creation_is_repeated_by_the_next() -> None:
    with new_home() as home:
        first = program(home, "server.start()")
        _wait_until(lambda: any(home.glob("pg*.new-*/data/PG_VERSION")))
        os.kill(first.pid, signal.SIGKILL)
        first.communicate()
        server = EmbeddedPostgres(home, durable=False)
        assert sql(server.start().app_url, "SELECT 1") == [(1,)]
        assert not list(home.glob("pg*.broken-*"))


def test_roles_and_database_left_incomplete_are_completed() -> None:
    with new_home() as home:
        cut_short = EmbeddedPostgres(home, durable=False)
        roles = cut_short.start()
        sql(cut_short.superuser_url(), "DROP DATABASE app WITH (FORCE)")
        sql(cut_short.superuser_url(), "DROP ROLE app")
        (cut_short.status().data_directory.parent / "provisioned").unlink()
        assert cut_short.start() == roles
        assert sql(roles.app_url, "SELECT 1") == [(1,)]
