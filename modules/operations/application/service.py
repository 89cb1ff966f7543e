"""What can be done with operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from modules.operations.application.asking import asked_by
from modules.operations.application.guarding import OperationGuard
from modules.operations.application.queries import OperationQueries, OperationView, ResultView
from modules.operations.domain import Operation
from modules.operations.ports import Runners, Transaction
from modules.operations.public import OPERATIONS_CANCEL, OPERATIONS_READ
from shared_kernel.application import Caller, Clock, Page, Slice, origin
from shared_kernel.application.operations import OperationKinds


@dataclass(frozen=True, slots=True)
class OperationService:
    """Starts and ends operations."""

    begin: Transaction
    clock: Clock
    guard: OperationGuard
    kinds: OperationKinds
    runners: Runners

    async def start(self, caller: Caller, kind: str, request: Mapping[str, object]) -> UUID:
        """Have something done for the caller, on this machine. Raises LookupError."""
        if kind not in self.kinds.works:
            raise LookupError(f"no module declares operations of the kind {kind}")
        operation = Operation.start(
            kind,
            request,
            by=caller.id,
            asked=asked_by(caller, origin.get()),
            node=self.runners.node,
            at=self.clock.now(),
        )
        async with self.begin() as tx:
            tx.operations.add(operation)
        self.runners.stir()
        return operation.id

    async def cancel(self, caller: Caller, operation_id: UUID) -> None:
        """Ask for the end of an operation. Raises AlreadyOver."""
        async with self.begin() as tx:
            operation = await tx.operations.get_locked(operation_id)
            self.guard.require(caller, OPERATIONS_CANCEL, operation)
            operation.cancel(at=self.clock.now())
        self.runners.stir()


@dataclass(frozen=True, slots=True)
class ShowOperations:
    """Shows what the policy lets somebody read."""

    queries: OperationQueries
    guard: OperationGuard

    async def one(self, caller: Caller, operation_id: UUID) -> OperationView:
        """Return an operation. Raises NoSuchOperation, also for one that is not theirs to see."""
        view = await self.queries.operation(operation_id)
        self.guard.require(caller, OPERATIONS_READ, view)
        return view

    async def listed(self, caller: Caller, part: Slice) -> Page[OperationView]:
        """Return the operations they may see, the newest first."""
        return await self.queries.operations(part, within=self.guard.visible(caller))

    async def results(self, caller: Caller, operation_id: UUID, part: Slice) -> Page[ResultView]:
        """Return what is to be said about rows of an operation. Raises NoSuchOperation."""
        await self.one(caller, operation_id)
        return await self.queries.results(operation_id, part)
