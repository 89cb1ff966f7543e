"""Backups: pg_dump's custom format, written whole or not at all, restored whole or not at all."""

import re
from collections.abc import Sequence
from pathlib import Path

from bootstrap.postgres.cluster import write_private
from bootstrap.postgres.connection import Client
from bootstrap.postgres.errors import ArchiveRefused, PostgresUnavailable, explained

# The statements of a dump that name roles, and where in them the names stand.
_NAMING = re.compile(r"^(?:ALTER|GRANT|REVOKE|CREATE POLICY) .*$", re.MULTILINE)
_NAME = re.compile(r'(?: TO| FROM|FOR ROLE) ("(?:[^"]|"")+"|\w+)')

_CREATE_ROLES = r"""
SET ROLE {owner};
SELECT 'CREATE ROLE ' || needed FROM unnest(ARRAY[{names}]) AS needed
    WHERE needed NOT IN (SELECT quote_ident(rolname) FROM pg_roles) \gexec
RESET ROLE;
"""


def dump(client: Client, file: Path) -> None:
    """Write the database to the file, readable by its owner only."""
    partial = file.with_name(f"{file.name}.partial")
    with explained(f"Writing the backup {file}"):
        write_private(partial, "")
        try:
            client.call("pg_dump", "--format=custom", f"--file={partial}")
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)


def check(client: Client, file: Path) -> None:
    """Refuse early what cannot be a backup."""
    with explained(f"Reading the backup {file}"), file.open("rb") as opened:
        start = opened.read(5)
    if start != b"PGDMP":
        raise ArchiveRefused(
            f"{file} is not a backup made by `app db backup` (pg_dump's custom format). "
            "The database is as it was."
        )
    _restore(client, file, "--list")


def roles_named_in(client: Client, file: Path) -> list[str]:
    """The roles, quoted for SQL, that must exist before the backup can be restored."""
    script = _restore(client, file, "--schema-only", "--file=-")
    found = {name for line in _NAMING.findall(script) for name in _NAME.findall(line)}
    return sorted(found - {"PUBLIC", "CURRENT_USER", "SESSION_USER"})


def create_roles(names: Sequence[str], owner: str) -> str:
    """A psql script that makes the missing ones, without login, as `owner` would have."""
    if not names:
        return ""
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    return _CREATE_ROLES.format(owner=owner, names=listed)


def load(client: Client, file: Path) -> None:
    """Fill the client's empty database from the file."""
    _restore(client, file, "--exit-on-error", f"--dbname={client.database}")


def replace_content(client: Client, file: Path) -> None:
    """Replace what the file holds in the client's database, in one transaction."""
    whole = ("--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner")
    _restore(client, file, *whole, f"--dbname={client.database}")


def _restore(client: Client, file: Path, *options: str) -> str:
    try:
        return client.call("pg_restore", *options, str(file))
    except PostgresUnavailable as error:
        raise ArchiveRefused(
            f"The backup {file} cannot be restored, and the database is as it was. {error}"
        ) from error
