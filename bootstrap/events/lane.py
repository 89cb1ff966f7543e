"""One subscriber's events, one after the other, whatever becomes of the others'."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
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
        failing: set[UUID] = set()
        self._noted_at = monotonic()
        for due in found:
            if self.stop.is_set():
                break
            if due.subject_id not in failing and not await self._deliver(due):
                failing.add(due.subject_id)
        await self._note()
        return len(found)

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


def _reason(error: Exception) -> str:
    """Return what may be kept: our own sentences, and of other errors only their kind."""
    if isinstance(error, DomainError):
        return f"{error.code}: {error}"[:500]
    return f"{type(error).__module__}.{type(error).__qualname__}"
