"""What starting a session asks about second factors."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.identity.domain.pending_sign_in import PendingSignIn


class SecondFactors(Protocol):
    """Knows which second factors protect an account, of whatever kind."""

    async def of(self, account_id: UUID) -> frozenset[str]:
        """Return what a sign-in can be finished with, by one statement; empty where none is set up.

        Recovery codes are among them, but demand nothing by themselves.
        """
        ...


class PendingSignIns(Protocol):
    """Sign-ins that wait for a second factor. Lock the account before `take`."""

    async def add(self, pending: PendingSignIn) -> None: ...

    async def find(self, token_hash: bytes, *, at: datetime) -> PendingSignIn | None:
        """Return the sign-in while it may still be finished. Nothing is locked."""
        ...

    async def count_attempt(self, token_hash: bytes, *, at: datetime) -> int | None:
        """Count an attempt before it is verified, and return its number; None if none was left."""
        ...

    async def take(self, token_hash: bytes, *, at: datetime) -> PendingSignIn | None:
        """Return the sign-in and forget it: of many who ask at once, one gets it."""
        ...

    async def forget_of(self, account_id: UUID) -> None:
        """Let no sign-in of the account be finished any more."""
        ...
