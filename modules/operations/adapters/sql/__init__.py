"""Operations in PostgreSQL."""

from modules.operations.adapters.sql.holding import SqlHolding
from modules.operations.adapters.sql.queries import ATTRIBUTES, SqlOperationQueries
from modules.operations.adapters.sql.tables import metadata
from modules.operations.adapters.sql.unit_of_work import OperationsUnitOfWork

__all__ = ["ATTRIBUTES", "OperationsUnitOfWork", "SqlHolding", "SqlOperationQueries", "metadata"]
