"""`app db`: the database as a whole. Migrations are in `migrations`."""

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bootstrap.cli.console import Console, Exit, JsonFlag, QuietFlag, YesFlag
from bootstrap.postgres import (
    ArchiveRefused,
    EmbeddedPostgres,
    PostgresUnavailable,
    RemoteDatabase,
)

db_app = typer.Typer(name="db", help="The database.", no_args_is_help=True)

HOME = Path(".data/postgres")
BackupFile = Annotated[Path, typer.Argument(help="A backup in pg_dump's custom format.")]


@db_app.command()
def status(json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Show where the database is and whether it answers."""
    console = Console(json=json, quiet=quiet)
    with _reported(console):
        database = _database()
        if isinstance(database, RemoteDatabase):
            _show_remote(console, database)
        else:
            _show_embedded(console, database)


def _show_remote(console: Console, database: RemoteDatabase) -> None:
    version, address = database.version(), database.address
    text = f"PostgreSQL {version} answers on {address} (DATABASE_URL)"
    console.show(text, {"embedded": False, "running": True, "version": version, "at": address})


def _show_embedded(console: Console, database: EmbeddedPostgres) -> None:
    found = database.status()
    state = f"runs on port {found.port} (pid {found.pid})" if found.running else "does not run"
    text = (
        f"PostgreSQL {found.version} {state}\n"
        f"data      {found.data_directory}\nprograms  {found.binaries}"
    )
    document = asdict(found) | {"embedded": True, "data_directory": str(found.data_directory)}
    console.show(text, document)


@db_app.command()
def reset(json: JsonFlag = False, quiet: QuietFlag = False, yes: YesFlag = False) -> None:
    """Delete all data and leave an empty database."""
    console = Console(json=json, quiet=quiet, yes=yes)
    with _reported(console):
        database = _database()
        if isinstance(database, RemoteDatabase) and not yes:
            console.fail(
                f"This would delete everything in {database.address}, which DATABASE_URL names. "
                "Add --yes to do it.",
                Exit.REFUSED,
            )
        console.confirm("delete everything in the database")
        database.reset()
    console.show("The database is empty; `app db migrate` builds it up.", {"reset": True})


@db_app.command()
def backup(
    file: BackupFile, json: JsonFlag = False, quiet: QuietFlag = False, yes: YesFlag = False
) -> None:
    """Write the whole database to a file."""
    console = Console(json=json, quiet=quiet, yes=yes)
    if file.exists():
        console.confirm(f"overwrite {file}")
    with _reported(console):
        _database().backup(file)
    size = file.stat().st_size
    console.show(f"Wrote {file} ({size:,} bytes).", {"file": str(file), "bytes": size})


@db_app.command()
def restore(
    file: BackupFile, json: JsonFlag = False, quiet: QuietFlag = False, yes: YesFlag = False
) -> None:
    """Replace the database by the content of a backup; a broken file changes nothing."""
    console = Console(json=json, quiet=quiet, yes=yes)
    if not file.is_file():
        console.fail(f"There is no file {file}.", Exit.USAGE)
    console.confirm(f"replace the database by the content of {file}")
    with _reported(console):
        _database().restore(file)
    console.show(f"Restored {file}.", {"file": str(file)})


@db_app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(context: typer.Context) -> None:
    """Open psql on the database; further arguments go to psql."""
    with _reported(Console()):
        database = _database()
        environment = os.environ | database.psql_environment()
        command = [*database.psql_command(), *context.args]
    sys.stdout.flush()
    raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603 - psql


@db_app.command()
def stop(json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Stop the embedded server; commands that need it start it again."""
    console = Console(json=json, quiet=quiet)
    with _reported(console):
        database = _database()
        if isinstance(database, RemoteDatabase):
            console.fail("DATABASE_URL names a server that is not ours to stop.", Exit.REFUSED)
        database.stop()
    console.show("Stopped.", {"running": False})


def _database() -> EmbeddedPostgres | RemoteDatabase:
    url = _given_url()
    return RemoteDatabase(url) if url else EmbeddedPostgres(HOME)


def _given_url() -> str | None:
    """The address in the environment; the owner's first, as these commands need its rights."""
    for name in ("MIGRATION_DATABASE_URL", "DATABASE_URL"):
        if file := os.environ.get(f"{name}_FILE"):
            return Path(file).read_text().strip()
        if url := os.environ.get(name):
            return url
    return None


@contextmanager
def _reported(console: Console) -> Generator[None]:
    try:
        yield
    except ArchiveRefused as error:
        console.fail(str(error), Exit.CHECK_FAILED)
    except (PostgresUnavailable, OSError) as error:
        console.fail(str(error), Exit.ENVIRONMENT)
