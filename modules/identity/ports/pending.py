"""What starting a session asks about second factors."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.identity.domain.account import Account
from modules.identity.domain.pending_sign_in import PendingSignIn


class SecondFactors(Protocol):
    """Knows which second factors protect an account, of whatever kind."""

    async def of(self, account_id: UUID) -> frozenset[str]:
        """Return what a sign-in can be finished with, by one statement; empty where none is set up.

        Recovery codes are among them, but demand nothing by themselves.
        """
        ...


class PendingSignIns(Protocol):
    """Sign-ins that wait for a second factor."""

    def add(self, pending: PendingSignIn) -> None:
        """Let a sign-in wait, once the transaction has committed."""
        ...

    async def find(self, token_hash: bytes, *, at: datetime) -> PendingSignIn | None:
        """Return the sign-in while it may still be finished. Nothing is locked."""
        ...

    async def take(
        self, pending: PendingSignIn, *, at: datetime
    ) -> tuple[Account, PendingSignIn] | None:
        """Forget a sign-in that has attempts left; return its account, locked, and what it is now.

        Of many who ask at once, one gets it. To let it wait on, add it again.
        """
        ...

    def forget_of(self, account_id: UUID) -> None:
        """Let no sign-in of the account be finished any more, once this has committed."""
        ...
