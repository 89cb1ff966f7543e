"""Keeps guessing slow."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from modules.identity.domain.throttle import Flow
from modules.identity.ports.transaction import Transaction
from shared_kernel.application import Besides


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One attempt that is counted already. `failures`: those before it, not forgotten yet."""

    failures: int = 0
    forgiving: Besides | None = None
    succeeded: bool = False
    forgiven: bool = False

    def succeed(self, tx: Transaction | None = None) -> None:
        """Say that whoever tried is who they say: their failures are forgotten.

        With a transaction they are as it commits, without another wait for the database.
        """
        self.succeeded = True
        if tx is not None and self.forgiving is not None:
            tx.besides(self.forgiving)
            self.forgiven = True


class Throttle(Protocol):
    """Counts attempts before anything is verified, across all processes."""

    def attempt(
        self, flow: Flow, who: str | None = None, *, device: UUID | None = None
    ) -> AbstractAsyncContextManager[Attempt]:
        """Count an attempt, committed, and then let the block verify it.

        who     whose secret is tried or who gets the mail: an address, the id of an account.
                Known or not, it counts alike; ways to write it share a counter.
        device  the device, when the account knows it: it has a counter of its own

        The client is taken from `origin`. A block that calls `succeed()` has the failures
        forgotten; one that ends with Unavailable was no attempt. Raises TooManyAttempts, which
        says when to come back, and Unavailable when nothing can be counted. Enter it outside any
        unit of work.
        """
        ...


class KnownDevices(Protocol):
    """Recognises the devices somebody signed in from before.

    `who` is the normalised address of the account: it is known before anything is looked up.
    """

    def token(self, who: str, device: UUID) -> str:
        """Return what the device shows to be recognised. It is no credential."""
        ...

    def recognise(self, who: str, token: str | None) -> UUID | None:
        """Return which of their devices it is, or None for anything else."""
        ...
