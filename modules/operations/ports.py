"""What operations need from the outside: a store, and somebody who does them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from modules.operations.domain import Operation
from shared_kernel.application import UnitOfWork
from shared_kernel.application.operations import RowResult


class OperationStore(Protocol):
    """The operations there are."""

    async def get_locked(self, id: UUID) -> Operation:
        """Return an operation that nobody else changes meanwhile. Raises NoSuchOperation."""
        ...

    def add(self, aggregate: Operation) -> None: ...


class OperationsUnitOfWork(UnitOfWork, Protocol):
    """One transaction over operations."""

    @property
    def operations(self) -> OperationStore: ...


Transaction = Callable[[], AbstractAsyncContextManager[OperationsUnitOfWork]]


@dataclass(frozen=True, slots=True)
class Taken:
    """An operation somebody just took on."""

    id: UUID
    kind: str
    request: Mapping[str, Any]
    asked: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an operation ended."""

    state: str
    result: Mapping[str, Any] | None = None
    code: str | None = None
    message: str | None = None


class Holding(Protocol):
    """What one process does to operations. Each call commits by itself and raises Unavailable."""

    @property
    def node(self) -> str:
        """The name of this machine."""
        ...

    async def take(self, kinds: Sequence[str]) -> Taken | None:
        """Take on the oldest of these kinds that waits, None when there is none."""
        ...

    async def hold(self, id: UUID, done: int, total: int | None) -> bool | None:
        """Hold it on; return whether it is to end, None when somebody else has it."""
        ...

    async def let_go(self, id: UUID) -> None:
        """Leave it to others."""
        ...

    async def finish(self, id: UUID, ending: Ending, done: int, total: int | None) -> bool:
        """Say how it ended; return whether it was still ours to say."""
        ...

    async def bury(self) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """End what nobody will do; return the kind and the request of each."""
        ...

    async def report(self, id: UUID, found: Sequence[RowResult]) -> None:
        """Keep what there is to say about rows."""
        ...

    async def start_over(self, id: UUID) -> None:
        """Forget what an attempt before this one reported."""
        ...

    async def forget(self, days: int) -> int:
        """Forget what ended so many days ago; return how many that were."""
        ...


class Terms(Protocol):
    """How many operations a process does at once, and for how many days they are kept."""

    @property
    def at_once(self) -> int: ...

    @property
    def keep_days(self) -> int: ...


class Runners(Protocol):
    """Those who do operations, in this process and others."""

    @property
    def node(self) -> str:
        """The name of this machine, whose processes can do them."""
        ...

    def stir(self) -> None:
        """Have them look for what there is to do, or to end."""
        ...
