"""Operations inside one transaction."""

from __future__ import annotations

from modules.operations.domain import NoSuchOperation, Operation
from shared_kernel.adapters.sql import SqlRepository, SqlUnitOfWork


class SqlOperations(SqlRepository[Operation]):
    """Operations, each locked before it is changed."""

    aggregate = Operation
    missing = NoSuchOperation


class OperationsUnitOfWork(SqlUnitOfWork):
    """One transaction over operations."""

    @property
    def operations(self) -> SqlOperations:
        return SqlOperations(self)
