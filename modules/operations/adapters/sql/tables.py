"""The tables of operations and of their results."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry

from modules.operations.domain import Operation, State
from shared_kernel.adapters.sql import AggregateColumns, choice, module_metadata, moment
from shared_kernel.application.operations import Severity

metadata = module_metadata("operations")


class OperationColumns(AggregateColumns):
    """`holder` does it, as long as `held_until` is not past: it says so anew every second."""

    kind: Named[str] = Column(String(100), nullable=False)
    account_id: Named[UUID] = Column(Uuid, nullable=False)
    request: Named[Mapping[str, Any]] = Column(JSONB[Mapping[str, Any]](), nullable=False)
    asked: Named[Mapping[str, Any]] = Column(JSONB[Mapping[str, Any]](), nullable=False)
    node: Named[str] = Column(String(255), nullable=False)
    state: Named[State] = Column(choice(State), nullable=False)
    cancelling: Named[bool] = Column(Boolean, nullable=False)
    created_at: Named[datetime] = Column(moment(), nullable=False)
    finished_at: Named[datetime | None] = Column(moment())


operations = Table(
    "operations",
    metadata,
    OperationColumns,
    Column("started_at", moment()),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("holder", Uuid),
    Column("held_until", moment()),
    Column("result", JSONB(none_as_null=True)),
    Column("error_code", String(200)),
    Column("error_message", Text),
)


class ResultColumns(TypedColumns):
    id: Named[UUID] = Column(Uuid, primary_key=True)
    operation_id: Named[UUID] = Column(
        Uuid, ForeignKey("operations.operations.id", ondelete="CASCADE"), nullable=False
    )
    row: Named[int] = Column(Integer, nullable=False)
    line: Named[int] = Column(Integer, nullable=False)
    severity: Named[Severity] = Column(choice(Severity), nullable=False)
    code: Named[str] = Column(String(200), nullable=False)
    message: Named[str] = Column(Text, nullable=False)
    pointer: Named[str | None] = Column(String(500))


results = Table("results", metadata, ResultColumns)
c, r = operations.c, results.c

# Lists of one's own, and of all; what there is to do; what is old; the results of one.
Index(None, c.account_id, c.created_at, c.id)
Index(None, c.kind, c.created_at, c.id)
Index(None, c.state, c.created_at, c.id)
Index(None, c.created_at, c.id)
Index(None, c.finished_at)
Index(None, r.operation_id, r.id)

registry(metadata=metadata).map_imperatively(
    Operation,
    operations,
    version_id_col=c.version,
    include_properties=[
        "id",
        "version",
        "kind",
        "account_id",
        "request",
        "asked",
        "node",
        "state",
        "cancelling",
        "created_at",
        "finished_at",
    ],
)
