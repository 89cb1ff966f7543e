"""What forgetting needs from outside."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Leftover(StrEnum):
    """What is of no use any more once it is over."""

    SESSIONS = "sessions"
    API_KEYS = "api_keys"
    SERVICE_SECRETS = "service_account_secrets"
    LINKS = "links"
    WAITING_SIGN_INS = "pending_sign_ins"
    VISITS = "provider_visits"
    PROOFS = "provider_proofs"
    CHALLENGES = "passkey_challenges"


HISTORY = frozenset({Leftover.SESSIONS, Leftover.API_KEYS, Leftover.SERVICE_SECRETS})
"""What owners and administrators want to look at for a while; all else goes when it is over."""


class Leftovers(Protocol):
    """What is over, a batch at a time."""

    async def delete(self, what: Leftover, *, over_at: datetime) -> int:
        """Delete some of what was over at a moment, and say how many: none when none is left.

        In a transaction of its own. What another process deletes just now is passed over.
        """
        ...
