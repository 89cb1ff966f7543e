"""A sign-in that waits for a second factor."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

from modules.identity.domain.account import Account, AccountStatus
from modules.identity.domain.opaque import SecretToken
from shared_kernel.domain import Unauthenticated

PENDING_LASTS = timedelta(minutes=10)
MOST_ATTEMPTS = 5


class PendingSignInRefused(Unauthenticated):
    """The sign-in is over: finished before, tried too often, too old. Begin again."""


class PendingToken(SecretToken):
    """Good for finishing one sign-in and for nothing else."""

    PREFIX: ClassVar[str] = "app_mfa_"

    @classmethod
    def refusal(cls) -> PendingSignInRefused:
        """Return the answer to whoever has to begin again."""
        return PendingSignInRefused("this sign-in is over; begin again")


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSignIn:
    """Somebody proved one factor, and has ten minutes and five attempts for another.

    methods         what they proved already (RFC 8176)
    password_print  the SHA-256 of the password's hash then: another password ends it
    device_id       the known device they sign in from, which waits for nobody's failures
    """

    token_hash: bytes = field(repr=False)
    account_id: UUID
    methods: list[str]
    password_print: bytes = field(repr=False)
    device_id: UUID | None
    attempts: int = 0
    expires_at: datetime

    def still_holds(self, account: Account) -> bool:
        """Say whether nothing happened to the account since the first factor was proved."""
        unchanged = self.password_print == password_print(account)
        return account.status is AccountStatus.ACTIVE and unchanged


def password_print(account: Account) -> bytes:
    """Return what tells whether the account still has the same password, or still has none."""
    return sha256((account.password_hash or "").encode()).digest()
