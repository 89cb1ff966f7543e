"""What second factors need from outside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from modules.identity.domain.account import Account
from modules.identity.domain.authenticator import Authenticator
from modules.identity.domain.passkey import Passkey
from modules.identity.domain.pending_sign_in import PendingToken
from modules.identity.domain.recovery_code import RecoveryCode
from modules.identity.ports.transaction import Transaction


class Authenticators(Protocol):
    """Authenticator apps, inside one transaction. Lock the account first."""

    def add(self, aggregate: Authenticator) -> None: ...

    async def of(self, account_id: UUID) -> Authenticator | None:
        """Return the account's, confirmed or not."""
        ...

    def used(self, app: Authenticator) -> None:
        """Keep what using it changed. It is not changed any more in this transaction."""
        ...

    async def remove(self, aggregate: Authenticator) -> None: ...


class RecoveryCodes(Protocol):
    """Recovery codes, inside one transaction. Lock the account first."""

    def replace(self, account_id: UUID, hashes: Sequence[bytes]) -> None:
        """Give the account these codes; any it had before are worth nothing. At the very end."""
        ...

    async def use(self, account_id: UUID, code_hash: bytes) -> bool:
        """Forget a code of the account, and say whether there was one."""
        ...

    async def count(self, account_id: UUID) -> int:
        """Return how many are left."""
        ...


class Passkeys(Protocol):
    """Passkeys, inside one transaction. Lock the account before adding or removing one."""

    def add(self, aggregate: Passkey) -> None: ...

    async def of(self, account_id: UUID) -> Sequence[Passkey]:
        """Return the account's, the oldest first."""
        ...

    async def called(self, credential_id: bytes) -> Passkey | None:
        """Return a passkey by what it calls itself, locked."""
        ...

    async def remove(self, aggregate: Passkey) -> None: ...


class SecondFactorTransaction(Transaction, Protocol):
    """A transaction over all that a second factor is checked against.

    A new kind of second factor adds its repository here.
    """

    @property
    def authenticators(self) -> Authenticators: ...

    @property
    def recovery_codes(self) -> RecoveryCodes: ...

    @property
    def passkeys(self) -> Passkeys: ...

    async def flush(self) -> None:
        """Save what changed so far, before it is counted."""
        ...


BeginSecondFactor = Callable[[], AbstractAsyncContextManager[SecondFactorTransaction]]


class FactorProof(Protocol):
    """A second factor that somebody shows: a code, an assertion of a passkey."""

    async def verify(self, tx: SecondFactorTransaction, account: Account) -> Collection[str]:
        """Check it against a locked account, use it up, and return its methods (RFC 8176).

        Raises a kind of Forbidden, such as WrongCode, having changed nothing: what must stay of a
        refusal has a transaction of its own.
        """
        ...


class SecondFactorSecrets(Protocol):
    """Makes what nobody can guess."""

    def pending(self) -> PendingToken: ...

    def seed(self) -> bytes:
        """Return the 160 bits that an authenticator app derives its codes from (RFC 4226)."""
        ...

    def recovery_codes(self) -> Sequence[RecoveryCode]:
        """Return one set of codes."""
        ...


@dataclass(frozen=True, slots=True)
class OpenedSeed:
    """A seed in the clear. `outdated`: it is to be sealed again, with the key of today."""

    raw: bytes = field(repr=False)
    outdated: bool


class SeedVault(Protocol):
    """Seals seeds, so that a copy of the database makes no codes."""

    def seal(self, seed: bytes, owner: UUID) -> bytes:
        """Return what is stored. It opens for the same owner only."""
        ...

    def open(self, sealed: bytes, owner: UUID) -> OpenedSeed:
        """Return the seed. Raises Unavailable when no secret key opens it."""
        ...


@dataclass(frozen=True, slots=True)
class SetupLink:
    """What an authenticator app is set up with: typed, followed, or scanned."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    qr_svg: str = field(repr=False)


class SetupLinks(Protocol):
    """Writes seeds in the ways authenticator apps read them."""

    def of(self, seed: bytes, address: str) -> SetupLink:
        """Return the link for the owner of an address."""
        ...
