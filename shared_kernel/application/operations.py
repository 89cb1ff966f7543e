"""Work that takes longer than a request may: started by a request, done by whoever has time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from shared_kernel.application import Caller


class Severity(StrEnum):
    """How bad it is what is to be said about a row."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """What became of one row of what somebody sent, where it is worth a word.

    `line` is where the row starts, `code` is stable, `pointer` (RFC 6901) names the member.
    """

    row: int
    line: int
    severity: Severity
    code: str
    message: str
    pointer: str | None = None


class Run(Protocol):
    """One attempt at an operation, as the work sees it. Its process may end at any time."""

    @property
    def id(self) -> UUID: ...

    @property
    def caller(self) -> Caller:
        """Who started it; their rights are those of now."""
        ...

    def progress(self, done: int, total: int) -> None:
        """Say how far it is. Costs next to nothing."""
        ...

    async def report(self, results: Sequence[RowResult]) -> None:
        """Keep what there is to say about rows."""
        ...


class Work(Protocol):
    """What an operation does. It may be begun again, after a process ended in the middle of it.

    It is cancelled, as tasks are, when somebody asks for that or the process stops. A refusal it
    raises is what the operation failed with.
    """

    async def __call__(self, run: Run, request: Mapping[str, object]) -> Mapping[str, object]:
        """Do it, and return what came of it, ready for JSON."""
        ...

    async def over(self, request: Mapping[str, object]) -> None:
        """Clear away what was kept for it: it ended, and is not begun again."""
        ...


class Operations(Protocol):
    """Starts operations. The module that keeps them provides it."""

    async def start(self, caller: Caller, kind: str, request: Mapping[str, object]) -> UUID:
        """Have `kind` done for the caller, on this machine; return the id of the operation.

        `request` is plain JSON. Kinds are declared by manifests.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationKinds:
    """The work of every kind of operation that the modules declare: `<module>.<name>`."""

    works: Mapping[str, Callable[[], Work]]
