"""The rules of operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from modules.operations.public import OperationCancelled, OperationStarted
from shared_kernel.domain import AccountId, Aggregate, Conflict, NotFound


class NoSuchOperation(NotFound):
    """There is no operation of this id, or it is not the caller's to see."""


class AlreadyOver(Conflict):
    """The operation has ended already."""


class State(StrEnum):
    """Where an operation is: queued -> running -> succeeded, failed or cancelled.

    One whose process died is queued again.
    """

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


OVER = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})


@dataclass(eq=False, kw_only=True)
class Operation(Aggregate):
    """Work somebody asked for.

    kind     what is to be done: `<module>.<name>`
    request  what the work needs to know, and `asked`, by whom and in which request it was asked
             for; both are forgotten when it is over
    node     the machine that can do it
    """

    kind: str
    account_id: AccountId
    request: Mapping[str, object]
    asked: Mapping[str, object]
    node: str
    state: State
    cancelling: bool
    created_at: datetime
    finished_at: datetime | None = None

    @classmethod
    def start(
        cls,
        kind: str,
        request: Mapping[str, object],
        *,
        by: AccountId,
        asked: Mapping[str, object],
        node: str,
        at: datetime,
    ) -> Operation:
        """Return a new operation, which waits to be done."""
        operation = cls(
            kind=kind,
            account_id=by,
            request=request,
            asked=asked,
            node=node,
            state=State.QUEUED,
            cancelling=False,
            created_at=at,
        )
        operation.record(
            OperationStarted(subject_id=operation.id, work=kind, account_id=by, occurred_at=at)
        )
        return operation

    def cancel(self, *, at: datetime) -> None:
        """Ask for its end. Whoever does it stops as soon as they hear of it."""
        if self.state in OVER:
            raise AlreadyOver(f"the operation is {self.state}")
        if self.cancelling:
            return
        self.cancelling = True
        self.record(OperationCancelled(subject_id=self.id, occurred_at=at))
