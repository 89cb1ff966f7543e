"""Passwords, through the password helper of fastapi-users (docs/adr/0005).

The one home of fastapi_users and pwdlib.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import os
import re
import secrets
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from fastapi_users.password import PasswordHelper
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from modules.identity.ports import Verdict
from shared_kernel.domain import Unavailable

T = TypeVar("T")

log = logging.getLogger(__name__)

SALT_BYTES, DIGEST_BYTES = 16, 32
NICENESS = 10  # hashing takes the time that answering requests leaves over
BCRYPT_BYTES = 72
BCRYPT_LEAST, BCRYPT_MOST = 4, 15  # 2 s; each further round doubles it
ARGON2_MOST_KIB, ARGON2_MOST_PASSES = 1_048_576, 20
ARGON2_MOST_WORK = 2_097_152  # KiB times passes, some 4 s; more only where the settings ask for it
# The 22nd character of the salt has two bits. bcrypt raises for others.
BCRYPT = re.compile(r"\$2[aby]\$(?P<rounds>\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
ARGON2 = re.compile(
    r"\$argon2id\$v=19\$m=(?P<memory>\d{1,9}),t=(?P<passes>\d{1,4}),p=(?P<lanes>[1-9]\d{0,2})"
    r"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}"
)
QUEUED_PER_THREAD, QUEUED_AT_LEAST = 4, 64  # at 25 ms a hash, the last of 64 waits 1.6 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Cost:
    """What one hash costs: KiB of memory, passes over it, lanes (RFC 9106)."""

    memory_kib: int
    passes: int
    lanes: int


class OlderBcrypt(BcryptHasher):
    """Verifies hashes that other systems made. New ones are never made with it.

    bcrypt saw only the first 72 bytes of a password, so that no more of it is compared. The
    argon2id hash that takes its place holds the whole.
    """

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002 - the library calls it by name
        """Say whether the password is the hashed one."""
        raw = password.encode() if isinstance(password, str) else password
        return super().verify(raw[:BCRYPT_BYTES], hash)


def is_usable(stored: str, most_work: int = ARGON2_MOST_WORK) -> bool:
    """Say whether a stored hash is of a kind and a cost that can be verified here.

    `most_work` is in KiB times passes.
    """
    bcrypt, argon2 = BCRYPT.fullmatch(stored), ARGON2.fullmatch(stored)
    if bcrypt:
        return BCRYPT_LEAST <= int(bcrypt["rounds"]) <= BCRYPT_MOST
    if argon2:
        memory, passes, lanes = (int(argon2[name]) for name in ("memory", "passes", "lanes"))
        within = 8 * lanes <= memory <= ARGON2_MOST_KIB and 1 <= passes <= ARGON2_MOST_PASSES
        return within and memory * passes <= most_work
    return False


class Argon2Passwords:
    """Hashes with argon2id in a few niced threads of its own, so that the event loop never waits.

    When the queue is full, the next is told to come back: a storm of sign-ins costs those who
    sign in, and nobody else.
    """

    def __init__(
        self, cost: Argon2Cost, threads: int | None = None, queue: int | None = None
    ) -> None:
        hasher = Argon2Hasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=DIGEST_BYTES,
            salt_len=SALT_BYTES,
        )
        self._helper = PasswordHelper(PasswordHash((hasher, OlderBcrypt())))
        self._reference = _reference(cost)
        self._most_work = max(ARGON2_MOST_WORK, cost.memory_kib * cost.passes)
        workers = threads or usable_cores()
        queued = queue or max(QUEUED_PER_THREAD * workers, QUEUED_AT_LEAST)
        self._room = threading.BoundedSemaphore(workers + queued)
        self._threads = ThreadPoolExecutor(workers, "passwords", initializer=_step_back)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """Return an argon2id hash in its usual text form. Raises Unavailable."""
        return await self._aside(lambda: self._helper.hash(password))

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Check a password; without a stored hash, against one that no password has.

        A hash that cannot be read, or would take minutes, is one that no password has.
        """
        usable = stored is not None and is_usable(stored, self._most_work)
        if stored is not None and not usable:
            log.error("a stored password hash cannot be used; its owner has to reset the password")
        against = stored if stored is not None and usable else self._reference
        matches, renewed = await self._aside(
            lambda: self._helper.verify_and_update(password, against)
        )
        return Verdict(matches and usable, renewed if usable else None)

    async def _aside(self, work: Callable[[], T]) -> T:
        if not self._room.acquire(blocking=False):
            raise Unavailable("too many are signing in at once", retry_after=2)
        try:
            job = self._threads.submit(work)
        except RuntimeError:
            self._room.release()
            raise Unavailable("the service is stopping", retry_after=5) from None
        job.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(job)


def usable_cores() -> int:
    """Return on how many cores this process may run: two threads on one core hash no faster."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _reference(cost: Argon2Cost) -> str:
    """Return a hash of today's cost that belongs to no password: verifying it takes as long."""
    salt, digest = _text(SALT_BYTES), _text(DIGEST_BYTES)
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={cost.lanes}${salt}${digest}"


def _text(size: int) -> str:
    return base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=")


def _step_back() -> None:
    """Lower the priority of this thread. Only Linux has a priority per thread."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
