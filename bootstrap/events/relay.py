"""Delivers every event at least once to each of its subscribers. One process at a time leads."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter

from bootstrap.events.deliveries import Deliveries
from bootstrap.events.lane import BroadLane, Kinds, Lane
from bootstrap.modules import Assembly
from bootstrap.platform import Platform
from shared_kernel.adapters.outbox import OUTBOX_TOPIC
from shared_kernel.application import InSteps
from shared_kernel.domain import Unavailable
from shared_kernel.module import Module

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0  # signals may be lost
CANDIDATE_SECONDS = 0.5  # how long a lead stays vacant after its holder died
SWEEP_SECONDS = 10.0
STOP_SECONDS = 15.0

COUNTED = 10_000
BACKLOG = f"""
    select count(*), count(*) filter (where d.attempts > 0),
           coalesce(extract(epoch from now() - min(o.occurred_at)), 0)::float
    from (select position, attempts from platform.deliveries order by position limit {COUNTED}) d
    join platform.outbox o on o.position = d.position
"""  # noqa: S608 - a number of our own


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits to be delivered: up to 10,000 are counted. `oldest` in seconds."""

    pending: int
    failing: int
    oldest: float


class Relay:
    """Brings events from the outbox to their subscribers for as long as it is entered.

    Any number of processes may run one; the holder of an advisory lock delivers, and another takes
    over within a second after it is gone. Each subscriber has its own lane: it waits for nobody.
    """

    def __init__(self, platform: Platform, assembly: Assembly) -> None:
        self._database, self._signals = platform.database, platform.signals
        self._subscribers = assembly.subscribers
        self._kinds = _kinds(assembly.modules)
        self._lanes: dict[str, Lane] = {}
        self._wake, self._stop = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.leads = False
        self.delivered = 0
        self.failures = 0

    async def __aenter__(self) -> Self:
        self._signals.subscribe(OUTBOX_TOPIC, self._wake.set)
        self._task = asyncio.create_task(self._run(), name="relay")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Finish the deliveries in hand, and leave the rest to others."""
        self._stop.set()
        self._wake.set()
        if self._task is None:
            return
        with contextlib.suppress(asyncio.CancelledError, TimeoutError):
            await asyncio.wait_for(self._task, STOP_SECONDS)

    async def check(self) -> None:
        """Raise Unavailable unless it runs, as leader or waiting to become it."""
        if self._task is None or self._task.done():
            raise Unavailable("events are not delivered")

    async def backlog(self) -> Backlog:
        """Count what waits to be delivered, by whomever."""
        [(pending, failing, oldest)] = await self._database.reads.fetch(BACKLOG)
        return Backlog(pending=pending, failing=failing, oldest=oldest)

    async def _run(self) -> None:
        while not self._stop.is_set():
            try:
                await self._serve()
            except Exception as error:  # noqa: BLE001 - whatever it was, events have to go on
                log.warning("relay interrupted: %s", _cause(error))
                await _within(self._stop, CANDIDATE_SECONDS)
            finally:
                self.leads = False

    async def _serve(self) -> None:
        connection = await self._database.connect(read_only=False)
        try:
            deliveries = Deliveries(connection)
            while not self._stop.is_set():
                if await deliveries.lead():
                    self.leads = True
                    await self._lead(deliveries)
                await _within(self._stop, CANDIDATE_SECONDS)
            await connection.close(timeout=1)
        finally:
            connection.terminate()

    async def _lead(self, deliveries: Deliveries) -> None:
        log.info("delivering events")
        swept = 0.0
        self._lanes.clear()
        async with asyncio.TaskGroup() as tasks:
            while not self._stop.is_set():
                self._wake.clear()
                for name in await deliveries.due(list(self._subscribers)):
                    self._drive(name, deliveries, tasks)
                if monotonic() - swept > SWEEP_SECONDS:
                    await deliveries.sweep()
                    swept = monotonic()
                await _within(self._wake, POLL_SECONDS)

    def _drive(self, name: str, deliveries: Deliveries, tasks: asyncio.TaskGroup) -> None:
        if (running := self._lanes.get(name)) is not None:
            running.look_again()
            return
        handler = self._subscribers[name]
        kind = BroadLane if isinstance(handler(), InSteps) else Lane
        lane = kind(name, handler, self._kinds, deliveries, self._stop)
        self._lanes[name] = lane
        tasks.create_task(self._finish(lane), name=f"relay {name}")

    async def _finish(self, lane: Lane) -> None:
        try:
            await lane.run()
        finally:
            self._lanes.pop(lane.subscriber, None)
            self.delivered += lane.delivered
            self.failures += lane.failures


def _kinds(modules: Iterable[Module]) -> Kinds:
    heard = {event for module in modules for event in module.subscribers}
    made: dict[str, TypeAdapter[Any]] = {event.kind(): TypeAdapter(event) for event in heard}
    return made


async def _within(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, and not longer than this."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _cause(error: BaseException) -> str:
    inner = getattr(error, "exceptions", ())  # of a task group
    return _cause(inner[0]) if inner else type(error).__name__
