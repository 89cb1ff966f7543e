"""Signing in: from a password to a session."""

from __future__ import annotations

from dataclasses import dataclass

from modules.identity.application.admission import Admission, Admitted
from modules.identity.application.queries import IdentityQueries, StoredCredentials
from modules.identity.domain.account import EmailMalformed, SignInRefused
from modules.identity.domain.session import Device
from modules.identity.domain.throttle import Flow
from modules.identity.ports import Begin, EmailAddresses, PasswordHasher, Verdict
from modules.identity.ports.throttle import Attempt, KnownDevices, Throttle
from modules.identity.public import SignedInAfterFailures
from shared_kernel.application import AuditEntry, AuditTrail, Clock, Outcome
from shared_kernel.domain import AccountId

PASSWORD = "pwd"  # noqa: S105 - the method's name in RFC 8176
REFUSED = "address and password do not belong together, or the address is not verified yet"
MANY_FAILURES = 5  # before a success that its owner is told about


@dataclass(frozen=True, slots=True)
class SignInWithPassword:
    """Signs a device in.

    One password is verified in every case, and every failure is the same refusal: neither the
    answer nor its time tells whether an address is known. Attempts are counted before anything
    is looked up, so that too many are refused alike, too.

    With `verified_only` that goes for addresses nobody verified yet: whoever could sign in with
    what they just registered would know that the address was free.
    """

    begin: Begin
    clock: Clock
    audit: AuditTrail
    queries: IdentityQueries
    emails: EmailAddresses
    passwords: PasswordHasher
    admission: Admission
    throttle: Throttle
    devices: KnownDevices
    verified_only: bool = True

    async def __call__(self, email: str, password: str, device: Device) -> Admitted:
        """Raise SignInRefused, TooManyAttempts, or Unavailable when too many wait."""
        who = self._normalized(email)
        known_device = self.devices.recognise(who or email, device.token)
        counted = self.throttle.attempt(Flow.SIGN_IN, who or email, device=known_device)
        async with counted as attempt:
            return await self._verified(who, password, device, attempt)

    async def _verified(
        self, who: str | None, password: str, device: Device, attempt: Attempt
    ) -> Admitted:
        known = await self.queries.credentials_of(who) if who else None
        stored = known.password_hash if known else None
        verdict = await self.passwords.verify(password, stored)
        admitted = None
        if known is not None and stored is not None and verdict.matches and self._may_enter(known):
            admitted = await self._admit(known.account_id, stored, verdict, device, attempt)
        if admitted is None:
            await self._note_failure(known)
            raise SignInRefused(REFUSED)
        return admitted

    def _may_enter(self, known: StoredCredentials) -> bool:
        """Decide before anything else is done: a right password takes no longer to refuse."""
        return known.active and (known.verified or not self.verified_only)

    def _normalized(self, email: str) -> str | None:
        try:
            return self.emails.parse(email).normalized
        except EmailMalformed:
            return None

    async def _admit(
        self,
        account_id: AccountId,
        verified_hash: str,
        verdict: Verdict,
        device: Device,
        attempt: Attempt,
    ) -> Admitted | None:
        """Let them in, unless the account changed while its password was verified."""
        async with self.begin() as tx:
            account = await tx.accounts.get_locked(account_id)
            if not account.accepts(verified_hash):
                return None
            if verdict.renewed_hash is not None:
                account.strengthen(verdict.renewed_hash)
            if attempt.failures >= MANY_FAILURES:
                tx.publish(
                    SignedInAfterFailures(
                        subject_id=account_id,
                        occurred_at=self.clock.now(),
                        failures=attempt.failures,
                    )
                )
            attempt.succeed(tx)
            return await self.admission.admit(tx, account, methods=[PASSWORD], device=device)

    async def _note_failure(self, known: StoredCredentials | None) -> None:
        await self.audit.record(
            AuditEntry(
                action="identity.sign_in_failed",
                occurred_at=self.clock.now(),
                outcome=Outcome.REFUSED,
                subject_id=known.account_id if known else None,
            )
        )
