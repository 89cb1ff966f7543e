"""Roles, assignments and the policy on PostgreSQL."""

from modules.access.adapters.sql.mapping import mapper
from modules.access.adapters.sql.queries import SqlAccessQueries
from modules.access.adapters.sql.rules import LastReading
from modules.access.adapters.sql.store import SqlPolicyStore
from modules.access.adapters.sql.unit_of_work import AccessUnitOfWork, LookingOn
from modules.access.adapters.sql.upkeep import SqlLeftovers, SqlRefusalLog

metadata = mapper.metadata

__all__ = [
    "AccessUnitOfWork",
    "LastReading",
    "LookingOn",
    "SqlAccessQueries",
    "SqlLeftovers",
    "SqlPolicyStore",
    "SqlRefusalLog",
    "metadata",
]
