"""The roles that the first start of the production database makes, on a real PostgreSQL."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from bootstrap import migrate
from bootstrap.postgres import EmbeddedPostgres
from bootstrap.postgres.connection import libpq_environment, local_url
from tests.delivery.checkout import ROOT
from tests.kit.cluster import HOME_VARIABLE, TestDatabase, drop_database, new_database

ROLES = ("ashlar_owner", "ashlar_app")
PASSWORD = 'it\'s \\ "quoted"'


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestDatabase]:
    """An empty database that deploy/roles.sh was run on, as the container's first start does."""
    made = new_database(f"roles_{os.getpid()}", template=None)
    server = EmbeddedPostgres(Path(os.environ[HOME_VARIABLE]), durable=False)
    secrets = tmp_path_factory.mktemp("secrets")
    for name in ("owner_password", "app_password"):
        (secrets / name).write_text(PASSWORD)
    environment = {
        **os.environ,
        **libpq_environment(server.superuser_url()),
        "PATH": os.pathsep.join([str(server.binaries.tool("psql").parent), os.environ["PATH"]]),
        "POSTGRES_DB": made.name,
        "SECRETS": str(secrets),
    }
    subprocess.run(["/bin/sh", ROOT / "deploy" / "roles.sh"], env=environment, check=True)
    port = urlsplit(server.superuser_url()).port or 0
    owner, app = (local_url(role, PASSWORD, port, made.name) for role in ROLES)
    yield TestDatabase(made.name, owner, app)
    drop_database(made)
    asyncio.run(execute(server.superuser_url(), *(f"drop role {role}" for role in ROLES)))


async def execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def test_the_owner_may_create_and_the_application_may_not(production: TestDatabase) -> None:
    asyncio.run(execute(production.owner_url, "create schema mine", "create table mine.t (n int)"))

    for refused in (
        "create schema yours",
        "create table public.t (n int)",
        "create temporary table t (n int)",
        "alter table mine.t add m int",
        "select * from mine.t",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            asyncio.run(execute(production.app_url, refused))


def test_nobody_else_may_connect(production: TestDatabase) -> None:
    everyone = EmbeddedPostgres(Path(os.environ[HOME_VARIABLE]), durable=False).start().app_url
    there = f"{everyone.rpartition('/')[0]}/{production.name}"

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        asyncio.run(execute(there, "select 1"))


def test_the_migrations_need_no_more_than_the_owner_has(production: TestDatabase) -> None:
    migrate.upgrade(production.owner_url, app_role="ashlar_app")

    asyncio.run(execute(production.app_url, "select * from platform.alembic_version"))
