"""Hashing passwords: beside the event loop, and no more than there is room for."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

import bcrypt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modules.identity.adapters.fastapi_users import (
    NICENESS,
    Argon2Cost,
    Argon2Passwords,
    is_usable,
    usable_cores,
)
from modules.identity.ports import Verdict
from shared_kernel.domain import Unavailable

CHEAP = Argon2Cost(memory_kib=64, passes=1, lanes=1)
USUAL = Argon2Cost(memory_kib=19_456, passes=2, lanes=1)
DEAR = Argon2Cost(memory_kib=65_536, passes=3, lanes=1)
SHARED = Argon2Passwords(CHEAP, 1)


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


def by_bcrypt(password: str, *, rounds: int = 4, prefix: bytes = b"2b") -> str:
    """Return the hash an older system made."""
    salt = bcrypt.gensalt(rounds, b"2b")
    made = bcrypt.hashpw(password.encode()[:72], salt)
    return made.replace(b"$2b$", b"$" + prefix + b"$", 1).decode()


@pytest.mark.parametrize(("prefix", "rounds"), [(b"2a", 4), (b"2b", 12), (b"2y", 5)])
async def test_a_hash_of_an_older_system_is_verified_and_replaced(
    prefix: bytes, rounds: int
) -> None:
    passwords = Argon2Passwords(CHEAP)
    stored = by_bcrypt("a password of old", rounds=rounds, prefix=prefix)
    verdict = await passwords.verify("a password of old", stored)
    assert verdict.matches
    assert verdict.renewed_hash is not None
    assert verdict.renewed_hash.startswith("$argon2id$")
    assert (await passwords.verify("a password of olD", stored)) == Verdict(False)


async def test_of_a_long_password_an_older_system_knew_the_beginning() -> None:
    passwords, long = Argon2Passwords(CHEAP), "\u00e4" * 60
    verdict = await passwords.verify(long, by_bcrypt(long))
    assert verdict.matches
    assert verdict.renewed_hash is not None
    assert not (await passwords.verify(long[:-1], verdict.renewed_hash)).matches


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "plain text",
        "$2b$31$" + "x" * 53,
        "$2b$12$" + "x" * 52,
        "$2b$12$" + "x" * 53,
        "$2x$04$" + "x" * 53,
        "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$" + "A" * 43,
        "$argon2id$v=19$m=999999999,t=1,p=1$c29tZXNhbHRzYWx0$" + "A" * 43,
        "$argon2id$v=19$m=64,t=9999,p=1$c29tZXNhbHRzYWx0$" + "A" * 43,
        "$argon2id$v=19$m=1048576,t=20,p=1$c29tZXNhbHRzYWx0$" + "A" * 43,
        "$argon2id$v=19$m=64,t=1,p=0$c29tZXNhbHRzYWx0$" + "A" * 43,
        "$argon2id$v=19$m=7,t=1,p=1$c29tZXNhbHRzYWx0$" + "A" * 43,
        "$pbkdf2-sha256$29000$salt$hash",
    ],
)
async def test_a_hash_that_cannot_be_used_is_a_failed_sign_in_and_is_logged(
    stored: str, caplog: pytest.LogCaptureFixture
) -> None:
    passwords = Argon2Passwords(CHEAP)
    assert await passwords.verify("a password", stored) == Verdict(False)
    assert "cannot be used" in caplog.text
    assert stored == "" or stored not in caplog.text


SALTED = st.from_regex(r"\$2[aby]\$04\$[./A-Za-z0-9]{53}", fullmatch=True)
ARGON2ID = st.from_regex(
    r"\$argon2id\$v=19\$m=64,t=1,p=[128]\$[A-Za-z0-9+/]{8,90}\$[A-Za-z0-9+/]{8,90}", fullmatch=True
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SALTED | ARGON2ID | st.text(max_size=80))
async def test_whatever_is_stored_a_sign_in_fails_and_nothing_breaks(stored: str) -> None:
    assert await SHARED.verify("a password", stored) == Verdict(False)


def test_a_cost_that_the_settings_ask_for_can_be_verified() -> None:
    dear = "$argon2id$v=19$m=1048576,t=20,p=1$c29tZXNhbHRzYWx0$" + "A" * 43
    assert not is_usable(dear)
    assert is_usable(dear, most_work=20 * 1_048_576)


@pytest.mark.skipif(sys.platform != "linux", reason="a process is bound to cores on Linux only")
def test_a_process_bound_to_one_core_hashes_in_one_thread() -> None:
    all_of_them = os.sched_getaffinity(0)
    assert usable_cores() == len(all_of_them)
    os.sched_setaffinity(0, {min(all_of_them)})
    try:
        assert usable_cores() == 1
    finally:
        os.sched_setaffinity(0, all_of_them)
