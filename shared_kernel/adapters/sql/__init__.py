"""The SQL kit: tables, units of work, repositories and typed reads on PostgreSQL."""

from shared_kernel.adapters.sql.columns import (
    APPEND_ONLY,
    AggregateColumns,
    choice,
    module_metadata,
    moment,
)
from shared_kernel.adapters.sql.conditions import Columns
from shared_kernel.adapters.sql.database import Database, PoolSizes
from shared_kernel.adapters.sql.failures import Constraints
from shared_kernel.adapters.sql.guarded import SqlGuardedObjects
from shared_kernel.adapters.sql.heads import SqlHeads
from shared_kernel.adapters.sql.journal import (
    Addition,
    add_together,
    insertion,
    row_in,
    row_values,
    rows_in,
)
from shared_kernel.adapters.sql.listing import Listing
from shared_kernel.adapters.sql.queries import Query
from shared_kernel.adapters.sql.reads import ReadPool
from shared_kernel.adapters.sql.repository import SqlRepository
from shared_kernel.adapters.sql.unit_of_work import AuditWriter, Outbox, SqlUnitOfWork

__all__ = [
    "APPEND_ONLY",
    "Addition",
    "AggregateColumns",
    "AuditWriter",
    "Columns",
    "Constraints",
    "Database",
    "Listing",
    "Outbox",
    "PoolSizes",
    "Query",
    "ReadPool",
    "SqlGuardedObjects",
    "SqlHeads",
    "SqlRepository",
    "SqlUnitOfWork",
    "add_together",
    "choice",
    "insertion",
    "module_metadata",
    "moment",
    "row_in",
    "row_values",
    "rows_in",
]
