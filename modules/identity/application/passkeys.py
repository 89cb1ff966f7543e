"""What the owner of an account does with its passkeys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from annotated_types import Len

from modules.identity.application.passkey_challenges import PasskeyChallenges
from modules.identity.application.protection import Protection, own_account, require_proved
from modules.identity.domain.account import Account, AccountIsClosed, AccountStatus
from modules.identity.domain.federated import LastWayIn
from modules.identity.domain.passkey import (
    MOST_PASSKEYS,
    NAME_LENGTH,
    Ceremony,
    NewCredential,
    Passkey,
    PasskeyRefused,
    PasskeyUnknown,
    TooManyPasskeys,
    require_verified,
)
from modules.identity.domain.recovery_code import RecoveryCode
from modules.identity.domain.throttle import Flow
from modules.identity.ports.passkeys import (
    BeginPasskeys,
    Ceremonies,
    MadeCredential,
    PasskeyTransaction,
)
from modules.identity.ports.throttle import Throttle
from modules.identity.public import AccountClosed
from shared_kernel.application import AuditEntry, Caller, Clock, Command

Name = Annotated[str, Len(1, NAME_LENGTH)]


class RenamePasskey(Command):
    """Another name."""

    name: Name


@dataclass(frozen=True, slots=True)
class PasskeyView:
    """A passkey of an account.

    `backup_eligible`: its owner may have it on several devices; `backed_up`: they do. `aaguid`
    tells its model, all zero where it does not say.
    """

    id: UUID
    version: int
    name: str
    aaguid: UUID
    transports: Sequence[str]
    backup_eligible: bool
    backed_up: bool
    added_at: datetime
    last_used_at: datetime | None


class PasskeyQueries(Protocol):
    """Reads, outside any transaction."""

    async def passkeys(self, caller: Caller) -> Sequence[PasskeyView]:
        """Return the caller's passkeys, the oldest first."""
        ...

    async def passkey(self, caller: Caller, passkey_id: UUID) -> PasskeyView:
        """Return a passkey of the caller's. Raises PasskeyUnknown."""
        ...


@dataclass(frozen=True, slots=True)
class PasskeyService:
    """Adds, renames and removes passkeys. Somebody else's is as unknown as one never made.

    A passkey is a way in and a second factor, both: with the first one come recovery codes.
    """

    begin: BeginPasskeys
    clock: Clock
    ceremonies: Ceremonies
    challenges: PasskeyChallenges
    protection: Protection
    throttle: Throttle

    async def offer(self, caller: Caller) -> Mapping[str, object]:
        """Return what a browser makes a passkey by.

        Raises AddressNotVerified, TooManyPasskeys, TooManyAttempts, and
        InsufficientAuthentication where another factor protects the account and was not proved.
        """
        async with self.throttle.attempt(Flow.PASSKEY), self.begin() as tx:
            account, known = await self._ready(tx, caller)
            challenge = self.challenges.make(tx, Ceremony.ADD, caller.session_id.bytes)
            return self.ceremonies.creation(account, challenge, known)

    async def add(
        self, caller: Caller, name: str, made: MadeCredential
    ) -> tuple[UUID, Sequence[RecoveryCode]]:
        """Return the id of the new passkey, and the recovery codes that come with the first.

        Raises PasskeyRefused, PasskeyTaken, and what `offer` does.
        """
        async with self.throttle.attempt(Flow.PASSKEY):
            credential = await self._verified(caller, made)
        async with self.begin() as tx:
            account, _ = await self._ready(tx, caller)
            passkey = Passkey.add(account, credential, name=name, at=self.clock.now())
            tx.passkeys.add(passkey)
            return passkey.id, await self.protection.begin(tx, caller)

    async def rename(self, caller: Caller, passkey_id: UUID, name: str, *, expected: int) -> None:
        """Give a passkey another name. Raises PasskeyUnknown, Stale, LabelRefused."""
        async with self.begin() as tx:
            await tx.accounts.get_locked(caller.id)
            passkey = await self._own(tx, caller, passkey_id)
            passkey.must_be_at(expected)
            passkey.rename(name)
            tx.audit(
                AuditEntry(
                    action="identity.passkey_renamed",
                    occurred_at=self.clock.now(),
                    subject_id=passkey.id,
                )
            )

    async def remove(self, caller: Caller, passkey_id: UUID) -> None:
        """Let a passkey open the account no more.

        Raises PasskeyUnknown, LastWayIn, and InsufficientAuthentication.
        """
        async with self.begin() as tx:
            account = await tx.accounts.get_locked(caller.id)
            await require_proved(tx, caller)
            passkey = await self._own(tx, caller, passkey_id)
            if await tx.ways_in.count(account.id) <= 1:
                raise LastWayIn("nothing else lets you in: set a password or add another first")
            passkey.retire(at=self.clock.now())
            await tx.passkeys.remove(passkey)
            await self.protection.end(tx, caller)

    async def _verified(self, caller: Caller, made: MadeCredential) -> NewCredential:
        try:
            challenge = await self.challenges.take(
                made.client_data, Ceremony.ADD, caller.session_id.bytes
            )
            return self.ceremonies.verify_made(made, challenge)
        except PasskeyRefused:
            await self.challenges.note_refusal(Ceremony.ADD, caller.id)
            raise

    async def _ready(
        self, tx: PasskeyTransaction, caller: Caller
    ) -> tuple[Account, Sequence[Passkey]]:
        account = await own_account(tx, caller)
        if account.status is not AccountStatus.ACTIVE:
            raise AccountIsClosed("the account is not open")
        await require_proved(tx, caller)
        require_verified(account)
        known = await tx.passkeys.of(caller.id)
        if len(known) >= MOST_PASSKEYS:
            raise TooManyPasskeys(f"an account has {MOST_PASSKEYS} passkeys at most; remove one")
        return account, known

    async def _own(self, tx: PasskeyTransaction, caller: Caller, passkey_id: UUID) -> Passkey:
        for passkey in await tx.passkeys.of(caller.id):
            if passkey.id == passkey_id:
                return passkey
        raise PasskeyUnknown("there is no such passkey")


@dataclass(frozen=True, slots=True)
class ForgetPasskeys:
    """Erases the passkeys of a closed account: they open nothing any more."""

    begin: BeginPasskeys

    async def __call__(self, event: AccountClosed) -> None:
        """Remove them. Once more changes nothing."""
        async with self.begin() as tx:
            for passkey in await tx.passkeys.of(event.subject_id):
                await tx.passkeys.remove(passkey)
