"""Challenges for passkeys: made, and taken back once."""

from __future__ import annotations

from dataclasses import dataclass

from modules.identity.domain.passkey import (
    CHALLENGE_LASTS,
    Ceremony,
    Challenge,
    hash_of,
    refused,
)
from modules.identity.ports.passkeys import BeginPasskeys, Ceremonies, PasskeyTransaction
from shared_kernel.application import AuditEntry, AuditTrail, Clock, Outcome
from shared_kernel.domain import AccountId


@dataclass(frozen=True, slots=True)
class PasskeyChallenges:
    """Keeps challenges on our side. An answer names its own, whose hash finds it."""

    begin: BeginPasskeys
    clock: Clock
    audit: AuditTrail
    ceremonies: Ceremonies

    def make(self, tx: PasskeyTransaction, ceremony: Ceremony, bound_to: bytes) -> bytes:
        """Return a new challenge, for one ceremony of whoever it is bound to."""
        challenge = self.ceremonies.draw()
        tx.challenges.add(
            Challenge(
                challenge_hash=hash_of(challenge),
                ceremony=ceremony,
                bound_to=bound_to,
                expires_at=self.clock.now() + CHALLENGE_LASTS,
            )
        )
        return challenge

    async def take(self, client_data: str, ceremony: Ceremony, bound_to: bytes) -> bytes:
        """Return the challenge that was answered; nothing can be answered to it any more.

        It is gone before the answer is verified, whatever becomes of that. Raises PasskeyRefused.
        """
        challenge = self.ceremonies.challenge_in(client_data)
        async with self.begin() as tx:
            taken = await tx.challenges.take(
                hash_of(challenge), ceremony, bound_to, at=self.clock.now()
            )
        if not taken:
            raise refused()
        return challenge

    async def note_refusal(self, ceremony: Ceremony, account_id: AccountId | None = None) -> None:
        """Write to the audit log that an answer was refused."""
        await self.audit.record(
            AuditEntry(
                action="identity.passkey_refused",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                subject_id=account_id,
                detail={"ceremony": ceremony.value},
            )
        )
