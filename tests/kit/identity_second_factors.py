"""Doubles for second factors."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from modules.identity.domain.account import Account
from modules.identity.domain.authenticator import Authenticator
from modules.identity.domain.passkey import PASSKEY, Passkey
from modules.identity.domain.pending_sign_in import MOST_ATTEMPTS, PendingSignIn, PendingToken
from modules.identity.domain.recovery_code import CODES, LENGTH, RecoveryCode
from modules.identity.domain.second_factor import OTP, RECOVERY_CODE, demanded
from modules.identity.ports import Accounts
from modules.identity.ports.second_factor import OpenedSeed, SetupLink


@dataclass
class KeptFactors:
    """What is kept of second factors."""

    authenticators: dict[UUID, Authenticator] = field(default_factory=dict[UUID, Authenticator])
    recovery_codes: dict[UUID, set[bytes]] = field(default_factory=dict[UUID, set[bytes]])
    passkeys: dict[UUID, Passkey] = field(default_factory=dict[UUID, Passkey])
    pending: dict[bytes, PendingSignIn] = field(default_factory=dict[bytes, PendingSignIn])


class SecondFactorsInMemory:
    """Which second factors protect an account."""

    def __init__(self, kept: KeptFactors) -> None:
        self._kept = kept
        self.asked = 0

    async def of(self, account_id: UUID) -> frozenset[str]:
        self.asked += 1
        app = self._kept.authenticators.get(account_id)
        found = {OTP} if app is not None and app.confirmed_at is not None else set[str]()
        if self._kept.recovery_codes.get(account_id):
            found.add(RECOVERY_CODE)
        if any(one.account_id == account_id for one in self._kept.passkeys.values()):
            found.add(PASSKEY)
        return demanded(found)


class PendingSignInsInMemory:
    """Sign-ins that wait. One that is taken is there again unless the transaction commits."""

    def __init__(self, kept: KeptFactors, accounts: Accounts) -> None:
        self._kept, self._accounts = kept, accounts
        self.taken: set[bytes] = set()

    def add(self, pending: PendingSignIn) -> None:
        self._kept.pending[pending.token_hash] = pending
        self.taken.discard(pending.token_hash)

    async def find(self, token_hash: bytes, *, at: datetime) -> PendingSignIn | None:
        found = self._kept.pending.get(token_hash)
        usable = found is not None and found.expires_at > at and found.attempts < MOST_ATTEMPTS
        return found if usable else None

    async def take(
        self, pending: PendingSignIn, *, at: datetime
    ) -> tuple[Account, PendingSignIn] | None:
        account = await self._accounts.get_locked(pending.account_id)
        found = await self.find(pending.token_hash, at=at)
        if found is None or found.token_hash in self.taken:
            return None
        self.taken.add(found.token_hash)
        return account, found

    def commit(self) -> None:
        """Forget what was taken."""
        for token_hash in self.taken:
            self._kept.pending.pop(token_hash, None)

    def forget_of(self, account_id: UUID) -> None:
        mine = [key for key, one in self._kept.pending.items() if one.account_id == account_id]
        for key in mine:
            del self._kept.pending[key]


class AuthenticatorsInMemory:
    """Authenticator apps."""

    def __init__(self, kept: KeptFactors) -> None:
        self._kept = kept

    def add(self, aggregate: Authenticator) -> None:
        self._kept.authenticators[aggregate.account_id] = aggregate

    async def of(self, account_id: UUID) -> Authenticator | None:
        return self._kept.authenticators.get(account_id)

    def used(self, app: Authenticator) -> None:
        """It is changed already."""

    async def remove(self, aggregate: Authenticator) -> None:
        del self._kept.authenticators[aggregate.account_id]


class RecoveryCodesInMemory:
    """Recovery codes."""

    def __init__(self, kept: KeptFactors) -> None:
        self._kept = kept

    def replace(self, account_id: UUID, hashes: Sequence[bytes]) -> None:
        self._kept.recovery_codes[account_id] = set(hashes)

    async def use(self, account_id: UUID, code_hash: bytes) -> bool:
        mine = self._kept.recovery_codes.get(account_id, set())
        if code_hash not in mine:
            return False
        mine.remove(code_hash)
        return True

    async def count(self, account_id: UUID) -> int:
        return len(self._kept.recovery_codes.get(account_id, set()))


class PasskeysInMemory:
    """Passkeys."""

    def __init__(self, kept: KeptFactors) -> None:
        self._kept = kept

    def add(self, aggregate: Passkey) -> None:
        self._kept.passkeys[aggregate.id] = aggregate

    async def of(self, account_id: UUID) -> Sequence[Passkey]:
        mine = [one for one in self._kept.passkeys.values() if one.account_id == account_id]
        return sorted(mine, key=lambda one: (one.added_at, one.id))

    async def called(self, credential_id: bytes) -> Passkey | None:
        all_of_them = self._kept.passkeys.values()
        return next((one for one in all_of_them if one.credential_id == credential_id), None)

    async def remove(self, aggregate: Passkey) -> None:
        del self._kept.passkeys[aggregate.id]


class FactorsInMemory:
    """The part of a transaction that is about second factors."""

    def __init__(self, kept: KeptFactors, accounts: Accounts) -> None:
        self.second_factors = SecondFactorsInMemory(kept)
        self.pending_sign_ins = PendingSignInsInMemory(kept, accounts)
        self.authenticators = AuthenticatorsInMemory(kept)
        self.recovery_codes = RecoveryCodesInMemory(kept)
        self.passkeys = PasskeysInMemory(kept)

    async def flush(self) -> None:
        """Everything is saved already."""

    def commit(self) -> None:
        """Make it true."""
        self.pending_sign_ins.commit()


class CountedSecrets:
    """Secrets that anybody can guess: they are counted."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def pending(self) -> PendingToken:
        return PendingToken(next(self._numbers).to_bytes(32))

    def seed(self) -> bytes:
        return next(self._numbers).to_bytes(20)

    def recovery_codes(self) -> Sequence[RecoveryCode]:
        return [RecoveryCode(str(next(self._numbers)).zfill(LENGTH)) for _ in range(CODES)]


@dataclass
class OpenVault:
    """Seals nothing. What was sealed before `key` changed is outdated."""

    key: bytes = b"a"

    def seal(self, seed: bytes, owner: UUID) -> bytes:
        return self.key + seed

    def open(self, sealed: bytes, owner: UUID) -> OpenedSeed:
        return OpenedSeed(sealed[1:], outdated=sealed[:1] != self.key)


class PlainLinks:
    """Shows the seed as it is."""

    def of(self, seed: bytes, address: str) -> SetupLink:
        return SetupLink(seed.hex(), f"otpauth:{address}", "<svg/>")
