"""Creates and runs migrations: one Alembic branch and one PostgreSQL schema per module."""

from bootstrap.migrate.branches import Branches, schemas
from bootstrap.migrate.connection import (
    DatabaseAway,
    MigrationFailed,
    NotAllowed,
    Patience,
    TableLocked,
)
from bootstrap.migrate.difference import State, check, status
from bootstrap.migrate.running import downgrade, upgrade
from bootstrap.migrate.writing import NotRevised, Written, revise

__all__ = [
    "Branches",
    "DatabaseAway",
    "MigrationFailed",
    "NotAllowed",
    "NotRevised",
    "Patience",
    "State",
    "TableLocked",
    "Written",
    "check",
    "downgrade",
    "revise",
    "schemas",
    "status",
    "upgrade",
]
