"""Audit, put together."""

from __future__ import annotations

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Singleton

from modules.audit.adapters import http, sql
from modules.audit.application import AuditQueries, EventsOfAccount
from modules.audit.public import EVENTS_READ
from shared_kernel.adapters.sql import AuditWriter, Database
from shared_kernel.application import AuditTrail
from shared_kernel.module import Module, Needs


class Container(DeclarativeContainer):
    database = Needs(Database)

    writer = Singleton(sql.SqlAuditWriter)
    trail = Singleton(sql.SqlAuditTrail, database, writer)
    queries = Singleton(sql.SqlAuditQueries, database)
    personal_data = Singleton(EventsOfAccount, queries)


module = Module(
    name="audit",
    container=Container,
    metadata=sql.metadata,
    routers=[http.router],
    provides={
        AuditWriter: Container.writer,
        AuditTrail: Container.trail,
        AuditQueries: Container.queries,
    },
    permissions=[EVENTS_READ],
    roles={"administrator": [EVENTS_READ]},
    personal_data=Container.personal_data,
)
