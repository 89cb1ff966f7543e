"""Hashing passwords: beside the event loop, and no more than there is room for."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

import pytest

from modules.identity.adapters.fastapi_users import NICENESS, Argon2Cost, Argon2Passwords
from modules.identity.ports import Verdict
from shared_kernel.domain import Unavailable

CHEAP = Argon2Cost(memory_kib=64, passes=1, lanes=1)
USUAL = Argon2Cost(memory_kib=19_456, passes=2, lanes=1)
DEAR = Argon2Cost(memory_kib=65_536, passes=3, lanes=1)


async def test_hashes_are_argon2id_of_the_cost_asked_for() -> None:
    passwords = Argon2Passwords(USUAL)
    assert (await passwords.hash("a password")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_hash_of_another_cost_is_renewed() -> None:
    stored = await Argon2Passwords(CHEAP).hash("a password")
    dearer = Argon2Passwords(Argon2Cost(memory_kib=128, passes=2, lanes=1))
    verdict = await dearer.verify("a password", stored)
    assert verdict.matches
    assert verdict.renewed_hash is not None
    assert await dearer.verify("a password", verdict.renewed_hash) == Verdict(True)
    assert verdict.renewed_hash not in repr(verdict)


async def test_the_event_loop_runs_on_while_a_password_is_hashed() -> None:
    passwords = Argon2Passwords(DEAR, 1)
    hashing = asyncio.create_task(passwords.hash("a password"))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns > 10


async def test_more_than_the_queue_holds_are_sent_away_and_the_others_served() -> None:
    passwords = Argon2Passwords(USUAL, 1, 4)
    asked = [passwords.hash("a password") for _ in range(8)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [one for one in answers if isinstance(one, Unavailable)]
    assert len(refused) == 3
    assert all(one.retry_after > 0 for one in refused)
    assert sum(isinstance(one, str) for one in answers) == 5
    assert await passwords.verify("a password", None) == Verdict(False)  # there is room again


async def test_those_who_went_away_make_room() -> None:
    passwords = Argon2Passwords(USUAL, 1, 4)
    waiting = [asyncio.create_task(passwords.hash("a password")) for _ in range(5)]
    await asyncio.sleep(0.01)
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert (await passwords.hash("a password")).startswith("$argon2id$")


async def test_a_stopped_hasher_refuses() -> None:
    passwords = Argon2Passwords(CHEAP, 1)
    async with passwords:
        await passwords.hash("a password")
    with pytest.raises(Unavailable):
        await passwords.hash("a password")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority per thread")
async def test_hashing_gives_way_to_the_event_loop() -> None:
    passwords, seen = Argon2Passwords(CHEAP, 1), list[int]()
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    await passwords._aside(  # pyright: ignore[reportPrivateUsage]  # no hash tells its thread
        lambda: seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    )
    assert seen == [NICENESS]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
