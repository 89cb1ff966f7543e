"""One non-durable PostgreSQL cluster per run, one migrated template, one clone per worker."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from bootstrap import migrate
from bootstrap.postgres import EmbeddedPostgres, Roles
from bootstrap.postgres.lock import locked

HOME_VARIABLE = "APP_TEST_POSTGRES_HOME"
TEMPLATE = "app_template"


@dataclass(frozen=True, slots=True)
class TestDatabase:
    """A database of its own, migrated; `owner_url` migrates, `app_url` serves."""

    __test__ = False

    name: str
    owner_url: str
    app_url: str


def begin_run() -> None:
    """Choose the directory of the run's cluster; worker processes inherit it."""
    if HOME_VARIABLE not in os.environ:
        home = tempfile.mkdtemp(prefix="app-tests-")
        Path(home).chmod(0o755)  # the account PostgreSQL runs as has to pass
        os.environ[HOME_VARIABLE] = home


def end_run() -> None:
    """Stop the cluster, if any test started it, and remove it."""
    home = Path(os.environ.pop(HOME_VARIABLE))
    if any(home.glob("pg*")):
        EmbeddedPostgres(home, durable=False).stop()
    shutil.rmtree(home, ignore_errors=True)


def new_database(name: str, *, template: str | None = TEMPLATE) -> TestDatabase:
    """Make a database, as a clone of the migrated template or empty (`template=None`)."""
    home = Path(os.environ[HOME_VARIABLE])
    server = EmbeddedPostgres(home, durable=False)
    roles = server.start()
    admin = server.superuser_url()
    if template is not None:
        with locked(home / "template.lock"):
            _make_template(home, roles, admin)
    asyncio.run(_create(admin, name, template))
    return TestDatabase(name, _at(roles.owner_url, name), _at(roles.app_url, name))


def drop_database(database: TestDatabase) -> None:
    """Remove the database and whoever is still connected to it."""
    admin = EmbeddedPostgres(Path(os.environ[HOME_VARIABLE]), durable=False).superuser_url()
    asyncio.run(_run(admin, f'drop database "{database.name}" with (force)'))


def _make_template(home: Path, roles: Roles, admin: str) -> None:
    done = home / "template.done"
    if not done.exists():
        # A migration that failed leaves a half-made one behind, which would hide why.
        asyncio.run(_run(admin, f"drop database if exists {TEMPLATE} with (force)"))
        asyncio.run(_create(admin, TEMPLATE, None))
        migrate.upgrade(_at(roles.owner_url, TEMPLATE), app_role="app")
        done.touch()


async def _create(admin: str, name: str, template: str | None) -> None:
    copied = f' template "{template}" strategy file_copy' if template else ""
    await _run(admin, f'create database "{name}" owner app_owner{copied}')


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _at(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"
