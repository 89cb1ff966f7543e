"""Operations, put together."""

from __future__ import annotations

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Factory, Singleton

from modules.operations.adapters import http, sql
from modules.operations.adapters.running import Runner
from modules.operations.adapters.settings import OperationsSettings
from modules.operations.application.guarding import OPERATIONS, guard_of_operations
from modules.operations.application.service import OperationService, ShowOperations
from modules.operations.public import (
    OPERATIONS_CANCEL,
    OPERATIONS_MANAGE,
    OPERATIONS_READ,
    OPERATIONS_SHARE,
)
from shared_kernel.adapters.signals import Signals
from shared_kernel.adapters.sql import AuditWriter, Database, Outbox, SqlGuardedObjects
from shared_kernel.adapters.upkeep import Upkeep
from shared_kernel.application import Authorizer, Clock
from shared_kernel.application.operations import OperationKinds, Operations
from shared_kernel.module import Module, Needs


class Container(DeclarativeContainer):
    database = Needs(Database)
    outbox = Needs(Outbox)
    audit = Needs(AuditWriter)
    clock = Needs(Clock)
    authorizer = Needs(Authorizer)
    signals = Needs(Signals)
    kinds = Needs(OperationKinds)
    settings = Needs(OperationsSettings)

    begin = Factory(sql.OperationsUnitOfWork, database, outbox, audit)
    queries = Singleton(sql.SqlOperationQueries, database)
    guard = Singleton(guard_of_operations, authorizer)
    guarded_operations = Singleton(SqlGuardedObjects, database, sql.ATTRIBUTES)
    holding = Singleton(sql.SqlHolding, database)
    runner = Singleton(Runner, holding, signals, kinds, settings)
    upkeep = Singleton(Upkeep, "operations", runner.provided.forget)
    operations = Singleton(
        OperationService,
        begin=begin.provider,
        clock=clock,
        guard=guard,
        kinds=kinds,
        runners=runner,
    )
    shown = Singleton(ShowOperations, queries=queries, guard=guard)


module = Module(
    name="operations",
    container=Container,
    metadata=sql.metadata,
    settings=OperationsSettings,
    routers=[http.router],
    provides={Operations: Container.operations},
    permissions=[OPERATIONS_READ, OPERATIONS_CANCEL, OPERATIONS_SHARE, OPERATIONS_MANAGE],
    resources={OPERATIONS: Container.guarded_operations},
    opens=[Container.runner, Container.upkeep],
)
