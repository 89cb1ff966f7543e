"""Finishing a sign-in with a second factor, of whatever kind."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Annotated

from annotated_types import MaxLen, MinLen

from modules.identity.application.admission import Admission, SignedIn
from modules.identity.application.codes import Code
from modules.identity.domain.account import Account
from modules.identity.domain.pending_sign_in import (
    MOST_ATTEMPTS,
    PendingSignIn,
    PendingSignInRefused,
    PendingToken,
)
from modules.identity.domain.session import Device
from modules.identity.domain.throttle import Flow
from modules.identity.ports.second_factor import (
    BeginSecondFactor,
    FactorProof,
    SecondFactorTransaction,
)
from modules.identity.ports.throttle import Attempt, KnownDevices, Throttle
from modules.identity.public import SecondFactorFailed
from shared_kernel.application import (
    SECOND_FACTOR,
    AuditEntry,
    AuditTrail,
    Clock,
    Command,
    Outcome,
)
from shared_kernel.domain import AccountId, DomainError, Forbidden

PendingText = Annotated[str, MinLen(1), MaxLen(200)]


class FinishWithCode(Command):
    """Finish a sign-in with a code of the authenticator app, or with a recovery code."""

    pending_token: PendingText = field(repr=False)
    code: Code = field(repr=False)


@dataclass(frozen=True, slots=True)
class FinishSignIn:
    """Lets those in who proved one factor before, and prove another now.

    The attempts of a client and upon an account are counted before they are verified; those of one
    sign-in before the answer, one after the other.
    """

    begin: BeginSecondFactor
    clock: Clock
    audit: AuditTrail
    admission: Admission
    throttle: Throttle
    devices: KnownDevices

    async def __call__(self, pending_token: str, proof: FactorProof, device: Device) -> SignedIn:
        """Raise PendingSignInRefused, TooManyAttempts, or what the proof is refused with."""
        pending = await self.pending(pending_token)
        who = str(pending.account_id)
        counted = self.throttle.attempt(Flow.SECOND_FACTOR, who, device=pending.device_id)
        async with counted as attempt:
            try:
                return await self._finish(pending, proof, device, attempt)
            except DomainError as refused:
                await self._note_failure(pending, refused)
                raise

    async def pending(self, pending_token: str) -> PendingSignIn:
        """Return the sign-in that waits, for a challenge to be made. Raises PendingSignInRefused.

        Its `account_id` is the account; nothing is counted.
        """
        token = PendingToken.parse(pending_token)
        async with self.begin() as tx:
            found = await tx.pending_sign_ins.find(token.hash, at=self.clock.now())
        if found is None:
            raise _over()
        return found

    async def _finish(
        self, pending: PendingSignIn, proof: FactorProof, device: Device, attempt: Attempt
    ) -> SignedIn:
        async with self.begin() as tx:
            found = await tx.pending_sign_ins.take(pending, at=self.clock.now())
            if found is None or not found[1].still_holds(found[0]):
                raise _over()
            account, taken = found
            try:
                proved = await proof.verify(tx, account)
            except Forbidden as wrong:
                # Counted in this transaction: the next one to try waits for it.
                refused = self._count(tx, taken, wrong)
            else:
                attempt.succeed(tx)
                return await self._start(tx, account, taken, proved, device)
        raise refused

    async def _start(
        self,
        tx: SecondFactorTransaction,
        account: Account,
        taken: PendingSignIn,
        proved: Collection[str],
        device: Device,
    ) -> SignedIn:
        return await self.admission.start(
            tx,
            account,
            methods={*taken.methods, *proved, SECOND_FACTOR},
            device=self._same(device, account, taken),
        )

    def _count(
        self, tx: SecondFactorTransaction, taken: PendingSignIn, refused: Forbidden
    ) -> Forbidden:
        """Let the sign-in wait on, with one attempt less; the owner hears of the last.

        Whoever used all attempts up knows the first factor, and may not be the owner.
        """
        left = replace(taken, attempts=taken.attempts + 1)
        tx.pending_sign_ins.add(left)
        if left.attempts == MOST_ATTEMPTS:
            now = self.clock.now()
            tx.publish(SecondFactorFailed(subject_id=taken.account_id, occurred_at=now))
        return refused

    def _same(self, device: Device, account: Account, taken: PendingSignIn) -> Device:
        """Return the device as the one that the sign-in began on, if that was known."""
        if taken.device_id is None:
            return device
        return replace(device, token=self.devices.token(account.email_normalized, taken.device_id))

    async def _note_failure(self, pending: PendingSignIn, refused: DomainError) -> None:
        await self.audit.record(
            AuditEntry(
                action="identity.second_factor_failed",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                subject_id=pending.account_id,
                actor_id=AccountId(pending.account_id),
                detail={"reason": refused.code},
            )
        )


def _over() -> PendingSignInRefused:
    return PendingToken.refusal()
