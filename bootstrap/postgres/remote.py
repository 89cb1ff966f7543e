"""A database on somebody else's server, named by its address."""

from dataclasses import dataclass
from pathlib import Path

from bootstrap.postgres import archive
from bootstrap.postgres.binaries import find_clients
from bootstrap.postgres.connection import Client, libpq_environment

# The database itself belongs to the server's keeper; what is emptied are the schemas in it.
_EMPTY = """
BEGIN;
DO $$
DECLARE found name;
BEGIN
    FOR found IN SELECT nspname FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', found);
    END LOOP;
END $$;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
COMMIT;
"""


@dataclass(frozen=True, slots=True)
class RemoteDatabase:
    """The same tools as for the embedded server, with the rights the address gives.

    Everything raises `PostgresUnavailable`, a backup that does not fit `ArchiveRefused`.
    """

    url: str

    @property
    def address(self) -> str:
        """Where it is, for people: no user, no password."""
        found = self.psql_environment()
        host, port = found.get("PGHOST", "localhost"), found.get("PGPORT", "5432")
        return f"{host}:{port}/{found.get('PGDATABASE', '')}"

    def version(self) -> str:
        """Ask the server for its version."""
        return self._client().execute("SHOW server_version;").strip()

    def reset(self) -> None:
        """Drop every schema of the database, all or none."""
        self._client().execute(_EMPTY)

    def psql_command(self) -> list[str]:
        """The command of an interactive psql; it needs `psql_environment()`."""
        return [str(find_clients().tool("psql"))]

    def psql_environment(self) -> dict[str, str]:
        """What makes psql connect, the password included."""
        return libpq_environment(self.url)

    def backup(self, file: Path) -> None:
        """Write the database to a file in pg_dump's custom format."""
        archive.dump(self._client(), file)

    def restore(self, file: Path) -> None:
        """Replace what the backup holds, in one transaction; the rest stays."""
        archive.check(self._client(), file)
        archive.replace_content(self._client(), file)

    def _client(self) -> Client:
        return Client(find_clients(), self.psql_environment())
