"""One subscriber's events, one after the other, whatever becomes of the others'."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from bootstrap.events.deliveries import Deliveries, Due
from shared_kernel.adapters.inbox import AlreadyHandled, SeveralTransactions, delivering
from shared_kernel.application import InSteps, Origin, origin
from shared_kernel.domain import DomainError, DomainEvent

log = logging.getLogger(__name__)

HANDLER_SECONDS = 60.0
# Subscribers in steps wait for others, for a mail server say: one that hangs must not hold up what
# it has nothing to do with.
AT_ONCE = 8
# What is noted together: a kill repeats at most this much for subscribers without an inbox.
NOTE_SECONDS = 0.05

Kinds = Mapping[str, TypeAdapter[Any]]


class UnknownKind(Exception):
    """No event class of this version has the name; a newer or older version may know it."""


@dataclass(slots=True)
class Lane:
    """Delivers to one subscriber until nothing is due. `stop` ends it after the event in hand."""

    subscriber: str
    handler: Callable[[], Any]
    kinds: Kinds
    deliveries: Deliveries
    stop: asyncio.Event
    delivered: int = 0
    failures: int = 0
    _again: bool = False
    _heard: list[int] = field(default_factory=list[int])
    _noted_at: float = 0.0

    def look_again(self) -> None:
        """Something may have become due since the lane last looked."""
        self._again = True

    async def run(self) -> None:
        while not self.stop.is_set():
            self._again = False
            if not await self._batch() and not self._again:
                return

    async def _batch(self) -> int:
        found = await self.deliveries.take(self.subscriber)
        self._noted_at = monotonic()
        await self._in_turn(found)
        await self._note()
        return len(found)

    async def _in_turn(self, found: Iterable[Due]) -> None:
        failing: set[UUID] = set()
        for due in found:
            if self.stop.is_set():
                break
            if due.subject_id not in failing and not await self._deliver(due):
                failing.add(due.subject_id)

    async def _deliver(self, due: Due) -> bool:
        try:
            if not due.handled:
                await self._handle(due)
        except AlreadyHandled:
            log.info("%s: %s was handled before", self.subscriber, due.event_id)
        except Exception as error:  # noqa: BLE001 - a subscriber may fail in any way; others go on
            await self._failed(due, error)
            return False
        self.delivered += 1
        self._heard.append(due.position)
        if monotonic() - self._noted_at > NOTE_SECONDS:
            await self._note()
        return True

    async def _handle(self, due: Due) -> None:
        event = self._event(due)
        handler = self.handler()
        in_steps = isinstance(handler, InSteps)
        told = origin.set(Origin(request_id=str(due.event_id)))
        try:
            with nullcontext() if in_steps else delivering(due.event_id, self.subscriber):
                async with asyncio.timeout(HANDLER_SECONDS):
                    await handler(event)
        finally:
            origin.reset(told)

    def _event(self, due: Due) -> DomainEvent:
        if due.kind not in self.kinds:
            raise UnknownKind(due.kind)
        event: DomainEvent = self.kinds[due.kind].validate_json(due.body)
        return event

    async def _failed(self, due: Due, error: Exception) -> None:
        self.failures += 1
        log.warning(
            "%s could not handle %s %s", self.subscriber, due.kind, due.event_id, exc_info=error
        )
        if isinstance(error, SeveralTransactions):
            # Its first transaction said that all is done, and it is not.
            await self.deliveries.forget(self.subscriber, due.event_id)
        await self.deliveries.failed(self.subscriber, due.position, _reason(error))

    async def _note(self) -> None:
        if self._heard:
            heard, self._heard = self._heard, []
            await self.deliveries.done(self.subscriber, heard)
        self._noted_at = monotonic()


@dataclass(slots=True)
class BroadLane(Lane):
    """Delivers to a subscriber in steps: events of several subjects side by side.

    Those of one subject stay in order. What is under way is known by its subject until it is
    noted, so that it is not taken a second time.
    """

    _busy: set[UUID] = field(default_factory=set[UUID])
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def look_again(self) -> None:
        """Something may have become due since the lane last looked."""
        self._stirred.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while not self.stop.is_set():
                self._stirred.clear()
                found = await self.deliveries.take(self.subscriber)
                waiting = _by_subject(one for one in found if one.subject_id not in self._busy)
                for subject_id, events in waiting.items():
                    await self._begin(subject_id, events, tasks)
                if waiting:
                    continue
                if not self._busy and not self._stirred.is_set():
                    return
                await self._stirred.wait()

    async def _begin(
        self, subject_id: UUID, events: Sequence[Due], tasks: asyncio.TaskGroup
    ) -> None:
        await self._room.acquire()
        self._busy.add(subject_id)
        tasks.create_task(self._hear(subject_id, events), name=f"relay {self.subscriber}")

    async def _hear(self, subject_id: UUID, events: Sequence[Due]) -> None:
        try:
            await self._in_turn(events)
            await self._note()
        finally:
            self._busy.discard(subject_id)
            self._room.release()
            self._stirred.set()


def _by_subject(found: Iterable[Due]) -> Mapping[UUID, Sequence[Due]]:
    apart = defaultdict[UUID, list[Due]](list)
    for due in found:
        apart[due.subject_id].append(due)
    return apart


def _reason(error: Exception) -> str:
    """Return what may be kept: our own sentences, and of other errors only their kind."""
    if isinstance(error, DomainError):
        return f"{error.code}: {error}"[:500]
    return f"{type(error).__module__}.{type(error).__qualname__}"
