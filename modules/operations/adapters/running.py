"""Does operations, in every process that serves; each is done by one of them at a time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from modules.operations.application.asking import asked_in
from modules.operations.domain import State
from modules.operations.ports import Ending, Holding, Taken, Terms
from shared_kernel.adapters.lookout import Lookout
from shared_kernel.adapters.signals import Signals
from shared_kernel.application import Caller, origin
from shared_kernel.application.operations import OperationKinds, RowResult, Work
from shared_kernel.domain import DomainError, Unavailable

TOPIC = "operations"
LOOK_SECONDS = 5.0
BEAT_SECONDS = 1.0
MOST_RESULTS = 100_000

log = logging.getLogger(__name__)


class Attempt:
    """One attempt at an operation: what its work sees of it."""

    def __init__(self, holding: Holding, taken: Taken, caller: Caller) -> None:
        self._holding, self._taken, self._caller = holding, taken, caller
        self.ending = False
        self._reported = 0
        self.done: int = 0
        self.total: int | None = None

    @property
    def id(self) -> UUID:
        return self._taken.id

    @property
    def caller(self) -> Caller:
        return self._caller

    def progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    async def report(self, results: Sequence[RowResult]) -> None:
        room = MOST_RESULTS - self._reported
        if results and room > 0:
            await self._holding.report(self.id, results[:room])
        self._reported += len(results)

    async def beat(self, work: asyncio.Task[Any]) -> None:
        """Hold the operation; cancel the work when it is to end, or somebody else has it."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            with contextlib.suppress(Unavailable):  # it stays held for some seconds more
                answer = await self._holding.hold(self.id, self.done, self.total)
                if answer is not False:
                    self.ending = answer is True
                    work.cancel()
                    return


class Runner:
    """Takes on operations and does them for as long as it is entered.

    When the process stops, what is being done is let go, and begun anew by another.
    """

    def __init__(
        self,
        holding: Holding,
        signals: Signals,
        kinds: OperationKinds,
        terms: Terms,
    ) -> None:
        self.node, self._holding = holding.node, holding
        self._signals, self._kinds, self._terms = signals, kinds, terms
        self._lookout = Lookout("operations", self._look, every=LOOK_SECONDS, gap=0.05)
        self._tasks: set[asyncio.Task[None]] = set()

    def stir(self) -> None:
        self._signals.send(TOPIC)

    async def forget(self) -> Mapping[str, int]:
        """Forget what ended long ago; return how much."""
        return {"operations": await self._holding.forget(self._terms.keep_days)}

    async def __aenter__(self) -> Self:
        self._signals.subscribe(TOPIC, self._lookout.stir)
        await self._lookout.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._lookout.__aexit__(kind, error, trace)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _look(self) -> None:
        for kind, request in await self._holding.bury():
            await self._clear_away(kind, request)
        while len(self._tasks) < self._terms.at_once:
            taken = await self._holding.take([*self._kinds.works])
            if taken is None:
                return
            task = asyncio.create_task(self._do(taken), name=f"operation {taken.id}")
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._lookout.stir()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an operation was left as it was", exc_info=error)

    async def _do(self, taken: Taken) -> None:
        asked = asked_in(taken.asked)
        origin.set(asked.origin)
        attempt = Attempt(self._holding, taken, asked.caller)
        try:
            ending = await self._attempted(attempt, taken)
        except asyncio.CancelledError:  # this process stops
            await self._holding.let_go(taken.id)
            raise
        if ending is None:
            return
        if await self._holding.finish(taken.id, ending, attempt.done, attempt.total):
            await self._clear_away(taken.kind, taken.request)

    async def _attempted(self, attempt: Attempt, taken: Taken) -> Ending | None:
        await self._holding.start_over(taken.id)
        working = asyncio.create_task(self._work(attempt, taken))
        beating = asyncio.create_task(attempt.beat(working))
        try:
            return await _outcome(working, attempt)
        finally:
            beating.cancel()
            working.cancel()
            await asyncio.gather(working, beating, return_exceptions=True)

    async def _work(self, attempt: Attempt, taken: Taken) -> Mapping[str, object]:
        return await self._kind(taken.kind)(attempt, taken.request)

    async def _clear_away(self, kind: str, request: Mapping[str, object]) -> None:
        with contextlib.suppress(KeyError):  # of a module that is not there any more
            await self._kind(kind).over(request)

    def _kind(self, kind: str) -> Work:
        return self._kinds.works[kind]()


async def _outcome(working: asyncio.Task[Mapping[str, object]], attempt: Attempt) -> Ending | None:
    """Return how the work ended, None when it was taken away from this process.

    Raises CancelledError when it is this process that stops.
    """
    try:
        await asyncio.wait([working])
        return Ending(state=State.SUCCEEDED, result=working.result())
    except asyncio.CancelledError:
        if not working.done():
            raise
        return Ending(state=State.CANCELLED) if attempt.ending else None
    except DomainError as error:
        return Ending(state=State.FAILED, code=error.code, message=str(error))
    except Exception:
        log.exception("an operation failed")
        return Ending(
            state=State.FAILED, code="internal_error", message="something went wrong; it was logged"
        )
