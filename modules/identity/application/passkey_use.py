"""Using a passkey: to sign in, to finish a sign-in, to prove once more who one is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from modules.identity.application.admission import Admission, SignedIn
from modules.identity.application.passkey_challenges import PasskeyChallenges
from modules.identity.application.second_factor import FinishSignIn
from modules.identity.application.step_up import Reauthenticate
from modules.identity.domain.account import Account, AccountStatus, SignInRefused
from modules.identity.domain.passkey import (
    Ceremony,
    PasskeyRefused,
    PasskeyUnknown,
    refused,
)
from modules.identity.domain.session import Device
from modules.identity.domain.throttle import Flow
from modules.identity.ports.passkeys import BeginPasskeys, Ceremonies, ShownCredential
from modules.identity.ports.second_factor import SecondFactorTransaction
from modules.identity.ports.throttle import Throttle
from shared_kernel.application import Caller, Clock
from shared_kernel.domain import AccountId, DomainError


@dataclass(frozen=True, slots=True)
class PasskeyProof:
    """A passkey that was used, verified already."""

    passkey_id: UUID
    account_id: AccountId
    methods: Collection[str]

    async def verify(self, tx: SecondFactorTransaction, account: Account) -> Collection[str]:
        """Refuse it for any other account, and where it was removed meanwhile."""
        mine = await tx.passkeys.of(account.id)
        if not any(one.id == self.passkey_id for one in mine):
            raise refused()
        return self.methods


@dataclass(frozen=True, slots=True)
class ProvePasskey:
    """Verifies what a passkey says, in a transaction of its own.

    What it used up, counted and noticed stays, whatever becomes of the sign-in.
    """

    begin: BeginPasskeys
    clock: Clock
    ceremonies: Ceremonies
    challenges: PasskeyChallenges

    async def __call__(
        self, shown: ShownCredential, ceremony: Ceremony, bound_to: bytes = b""
    ) -> PasskeyProof:
        """Return whom it proves. Raises PasskeyRefused."""
        try:
            challenge = await self.challenges.take(shown.client_data, ceremony, bound_to)
            proof = await self._verified(shown, challenge, named=not bound_to)
        except PasskeyRefused:
            await self.challenges.note_refusal(ceremony)
            raise
        if proof is None:
            await self.challenges.note_refusal(ceremony)
            raise refused()
        return proof

    async def _verified(
        self, shown: ShownCredential, challenge: bytes, *, named: bool
    ) -> PasskeyProof | None:
        async with self.begin() as tx:
            passkey = await tx.passkeys.called(self.ceremonies.credential_id(shown))
            if passkey is None:
                return None
            said = self.ceremonies.verify_shown(shown, challenge, passkey.public_key)
            # Where it is not believed this is kept, too: the owner is told of a copy.
            if not passkey.use(said, named=named, at=self.clock.now()):
                return None
            return PasskeyProof(passkey.id, AccountId(passkey.account_id), passkey.methods)


@dataclass(frozen=True, slots=True)
class AskPasskey:
    """Makes what a browser asks a passkey by."""

    begin: BeginPasskeys
    ceremonies: Ceremonies
    challenges: PasskeyChallenges
    throttle: Throttle
    finish: FinishSignIn

    async def to_sign_in(self) -> Mapping[str, object]:
        """Return options that say nothing of anybody. Raises TooManyAttempts."""
        async with self.throttle.attempt(Flow.PASSKEY), self.begin() as tx:
            challenge = self.challenges.make(tx, Ceremony.SIGN_IN, b"")
        return self.ceremonies.request(challenge, [])

    async def to_finish(self, pending_token: str) -> Mapping[str, object]:
        """Return options for the passkeys of whoever waits.

        Raises PendingSignInRefused, PasskeyUnknown, TooManyAttempts.
        """
        async with self.throttle.attempt(Flow.PASSKEY):
            pending = await self.finish.pending(pending_token)
            return await self._of(pending.account_id, Ceremony.SECOND_FACTOR, pending.token_hash)

    async def to_step_up(self, caller: Caller) -> Mapping[str, object]:
        """Return options for the caller's passkeys. Raises PasskeyUnknown, TooManyAttempts."""
        async with self.throttle.attempt(Flow.PASSKEY):
            return await self._of(caller.id, Ceremony.STEP_UP, caller.session_id.bytes)

    async def _of(
        self, account_id: UUID, ceremony: Ceremony, bound_to: bytes
    ) -> Mapping[str, object]:
        async with self.begin() as tx:
            mine = await tx.passkeys.of(account_id)
            if not mine:
                raise PasskeyUnknown("the account has no passkey")
            challenge = self.challenges.make(tx, ceremony, bound_to)
            return self.ceremonies.request(challenge, mine)


@dataclass(frozen=True, slots=True)
class SignInWithPasskey:
    """Signs a device in by a passkey alone: having it and being verified by it are two factors.

    Whatever is wrong, with the passkey or with the account it opens, is the same refusal.
    """

    begin: BeginPasskeys
    prove: ProvePasskey
    admission: Admission
    throttle: Throttle

    async def __call__(self, shown: ShownCredential, device: Device) -> SignedIn:
        """Raise SignInRefused and TooManyAttempts."""
        async with self.throttle.attempt(Flow.PASSKEY):
            try:
                proof = await self.prove(shown, Ceremony.SIGN_IN)
                return await self._admit(proof, device)
            except PasskeyRefused:
                raise SignInRefused("the passkey was not accepted") from None

    async def _admit(self, proof: PasskeyProof, device: Device) -> SignedIn:
        try:
            async with self.begin() as tx:
                account = await tx.accounts.get_locked(proof.account_id)
                methods = await proof.verify(tx, account)
                if account.status is not AccountStatus.ACTIVE:
                    raise refused()
                return await self.admission.start(tx, account, methods=methods, device=device)
        except DomainError:
            await self.prove.challenges.note_refusal(Ceremony.SIGN_IN, proof.account_id)
            raise


@dataclass(frozen=True, slots=True)
class FinishWithPasskey:
    """Finishes a sign-in, or a step-up, with a passkey.

    Signatures cannot be guessed: what is limited is how often a client has one verified.
    """

    prove: ProvePasskey
    finish: FinishSignIn
    reauthenticate: Reauthenticate
    throttle: Throttle

    async def sign_in(self, pending_token: str, shown: ShownCredential, device: Device) -> SignedIn:
        """Raise PendingSignInRefused, PasskeyRefused, TooManyAttempts."""
        async with self.throttle.attempt(Flow.PASSKEY):
            pending = await self.finish.pending(pending_token)
            proof = await self.prove(shown, Ceremony.SECOND_FACTOR, pending.token_hash)
        return await self.finish(pending_token, proof, device)

    async def step_up(self, caller: Caller, shown: ShownCredential) -> SignedIn:
        """Raise PasskeyRefused, SessionOver, TooManyAttempts."""
        async with self.throttle.attempt(Flow.PASSKEY):
            proof = await self.prove(shown, Ceremony.STEP_UP, caller.session_id.bytes)
        return await self.reauthenticate.with_factor(caller, proof)
