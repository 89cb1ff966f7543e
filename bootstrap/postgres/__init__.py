"""The PostgreSQL server the application brings along for development and tests.

Never for production: it trusts the machine it runs on. `DATABASE_URL` takes its place there.
"""

from bootstrap.postgres.binaries import Binaries, find_binaries
from bootstrap.postgres.errors import ArchiveRefused, PostgresUnavailable
from bootstrap.postgres.remote import RemoteDatabase
from bootstrap.postgres.server import EmbeddedPostgres, Roles, Status

__all__ = [
    "ArchiveRefused",
    "Binaries",
    "EmbeddedPostgres",
    "PostgresUnavailable",
    "RemoteDatabase",
    "Roles",
    "Status",
    "find_binaries",
]
