"""Requests that are carried out once, however often they are sent under one key."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


class AlreadyCarriedOut(Exception):
    """A request of this key was carried out before; its transaction must not be repeated."""


class KeyInUse(Exception):
    """A request of this key is being carried out, and takes too long to wait for."""


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request sent under an `Idempotency-Key`, as two hashes that give nothing away.

    `key` names the caller and the key they chose, `fingerprint` what they asked for.
    """

    key: bytes
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer, to be given again."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What is known of a request that was carried out.

    made    the id of what it made, where it made something
    answer  None when the process ended before the answer was kept, or when it was too large
    """

    fingerprint: bytes
    made: UUID | None = None
    answer: KeptAnswer | None = None


class KeyedRequests(Protocol):
    """Remembers for a day, over all processes, which requests were carried out."""

    async def find(self, key: bytes) -> CarriedOut | None:
        """Return what is known of a key; None when nothing was carried out under it."""
        ...

    def carrying_out(self, request: KeyedRequest) -> AbstractContextManager[object]:
        """Have the unit of work inside note the request in the transaction of its change.

        It raises AlreadyCarriedOut and KeyInUse at its end, and has then changed nothing.
        """
        ...

    async def keep(self, key: bytes, answer: KeptAnswer) -> None:
        """Keep the answer to a request that was carried out."""
        ...
