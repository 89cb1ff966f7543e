"""What is shown of operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from modules.operations.domain import State
from shared_kernel.application import Page, Slice
from shared_kernel.application.conditions import Condition
from shared_kernel.application.operations import Severity


@dataclass(frozen=True, slots=True)
class Progress:
    """How much is done. `total` is null until it is known."""

    done: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an operation failed: a stable code, and a text for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class OperationView:
    """Work that takes long. Clients must tolerate values of `state` they do not know.

    `kind` says what is done, and what `result` looks like once the state is `succeeded`.
    """

    id: UUID
    kind: str
    account_id: UUID
    state: State
    progress: Progress
    cancelling: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: Mapping[str, Any] | None
    error: Failure | None


@dataclass(frozen=True, slots=True)
class ResultView:
    """What is to be said about one row. Rows about which there is nothing to say are left out."""

    row: int
    line: int
    severity: Severity
    code: str
    message: str
    pointer: str | None


class OperationQueries(Protocol):
    """Reads operations, whoever asks. `ShowOperations` asks the policy."""

    async def operation(self, operation_id: UUID) -> OperationView:
        """Return an operation. Raises NoSuchOperation."""
        ...

    async def operations(self, part: Slice, *, within: Condition) -> Page[OperationView]:
        """Return operations, the newest first."""
        ...

    async def results(self, operation_id: UUID, part: Slice) -> Page[ResultView]:
        """Return what is to be said about rows, in the order in which it was found."""
        ...
