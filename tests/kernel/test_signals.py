"""Signals reach every process, coalesced, and survive a lost connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from tests.kernel.garden import execute, opened
from tests.kit.cluster import TestDatabase

SECOND = 1.0


class Ear:
    """Counts what it hears."""

    def __init__(self) -> None:
        self.count, self._heard = 0, asyncio.Event()

    def __call__(self) -> None:
        self.count += 1
        self._heard.set()

    async def hears(self, seconds: float = 5 * SECOND) -> None:
        """Wait for the next signal."""
        self._heard.clear()
        async with asyncio.timeout(seconds):
            await self._heard.wait()


async def signalled(ear: Ear, send: Callable[[str], None]) -> None:
    """Send until it is heard: what is sent while a connection is down may be lost."""
    async with asyncio.timeout(5):
        while True:
            waiting = asyncio.create_task(ear.hears(0.3))
            await asyncio.sleep(0)
            send("plants")
            try:
                await waiting
            except TimeoutError:
                continue
            return


async def test_a_signal_is_heard_here_at_once_and_elsewhere_soon(ground: TestDatabase) -> None:
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(opened(ground)) for _ in range(2)]
        here, there, elsewhere = Ear(), Ear(), Ear()
        one.signals.subscribe("plants", here)
        other.signals.subscribe("plants", there)
        other.signals.subscribe("weeds", elsewhere)
        await signalled(there, one.signals.send)
        await asyncio.sleep(0.1)
        before, others = here.count, elsewhere.count
        waiting = asyncio.create_task(there.hears(SECOND))
        await asyncio.sleep(0)
        one.signals.send("plants")
        assert here.count == before + 1
        await waiting
        assert elsewhere.count == others


async def test_many_signals_at_once_are_heard_as_few(ground: TestDatabase) -> None:
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(opened(ground)) for _ in range(2)]
        there = Ear()
        other.signals.subscribe("plants", there)
        await signalled(there, one.signals.send)
        await asyncio.sleep(0.1)
        before = there.count
        waiting = asyncio.create_task(there.hears(SECOND))
        await asyncio.sleep(0)
        for _ in range(1_000):
            one.signals.send("plants")
        await waiting
        await asyncio.sleep(0.2)
        assert 1 <= there.count - before <= 3


async def test_listening_goes_on_after_the_connections_were_terminated(
    ground: TestDatabase,
) -> None:
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(opened(ground)) for _ in range(2)]
        there = Ear()
        other.signals.subscribe("plants", there)
        await signalled(there, one.signals.send)
        await asyncio.sleep(0.1)
        waiting = asyncio.create_task(there.hears(2 * SECOND))
        await asyncio.sleep(0)
        await execute(
            ground.app_url,
            "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where usename ="
            " current_user and datname = current_database() and pid <> pg_backend_pid()",
        )
        await waiting  # whoever lost its connection looks for itself
        await signalled(there, one.signals.send)


async def test_what_is_sent_while_a_signal_is_on_its_way_is_signalled_too(
    ground: TestDatabase,
) -> None:
    async with AsyncExitStack() as stack:
        one, other = [await stack.enter_async_context(opened(ground)) for _ in range(2)]
        there = Ear()
        other.signals.subscribe("plants", there)
        await signalled(there, one.signals.send)
        for _ in range(5):
            await asyncio.sleep(0.1)  # whatever was due has been sent
            before = there.count
            one.signals.send("plants")
            for _ in range(5):  # it is being sent, and the server has not answered
                await asyncio.sleep(0)
            one.signals.send("plants")
            await asyncio.sleep(0.2)
            assert there.count == before + 2
