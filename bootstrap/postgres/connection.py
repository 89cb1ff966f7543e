"""Reaching a server with PostgreSQL's own clients."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from bootstrap.postgres.binaries import Binaries
from bootstrap.postgres.errors import PostgresUnavailable
from bootstrap.postgres.process import run

_PARAMETERS = {
    "host": "PGHOST",
    "port": "PGPORT",
    "sslmode": "PGSSLMODE",
    "ssl": "PGSSLMODE",  # asyncpg's name for it
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


def local_url(role: str, password: str, port: int, database: str) -> str:
    """The address of a database on this machine."""
    return f"postgresql://{role}:{quote(password, safe='')}@127.0.0.1:{port}/{database}"


def libpq_environment(url: str) -> dict[str, str]:
    """The variables that make psql, pg_dump and pg_restore connect to the address.

    Variables, because arguments are shown to every user of the machine. Accepts SQLAlchemy's
    `postgresql+driver://` too.
    """
    parts = urlsplit(url)
    if parts.scheme.partition("+")[0] not in {"postgresql", "postgres"}:
        raise PostgresUnavailable(
            f"The database address begins with {parts.scheme or 'nothing'}://, but only "
            "postgresql:// is understood. Correct DATABASE_URL."
        )
    found = {
        "PGHOST": unquote(parts.hostname or ""),
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
    given = {
        _PARAMETERS[name]: value for name, value in parse_qsl(parts.query) if name in _PARAMETERS
    }
    connect = {"PGCONNECT_TIMEOUT": "10"} | found | given
    return {name: value for name, value in connect.items() if value}


@dataclass(frozen=True, slots=True)
class Client:
    """Runs SQL and client programs against one database."""

    binaries: Binaries
    environment: Mapping[str, str]

    @property
    def database(self) -> str:
        return self.environment.get("PGDATABASE", "")

    def execute(self, script: str) -> str:
        """Run a psql script to its first error; returns what its queries give, unaligned."""
        quiet = ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--no-password"]
        return self.call("psql", *quiet, "--set", "ON_ERROR_STOP=1", "--file", "-", script=script)

    def call(self, tool: str, *options: str, script: str = "") -> str:
        """Run a client program without a time limit; returns what it printed."""
        command: list[str | Path] = [self.binaries.tool(tool), *options]
        ended = run(command, extra=self.environment, script=script, timeout=None)
        if ended.code:
            where = f"{self.environment.get('PGHOST', 'localhost')}/{self.database}"
            raise PostgresUnavailable(f"{tool} failed on the database {where}: {ended.last_words}")
        return ended.text
