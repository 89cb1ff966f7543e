"""What passkeys need from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from modules.identity.domain.account import Account
from modules.identity.domain.passkey import (
    Assertion,
    Ceremony,
    Challenge,
    NewCredential,
    Passkey,
)
from modules.identity.ports.federation import WaysIn
from modules.identity.ports.second_factor import SecondFactorTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCredential:
    """What a browser returns from `navigator.credentials.create`. All in base64url (RFC 4648)."""

    id: str
    client_data: str = field(repr=False)
    attestation: str = field(repr=False)
    transports: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCredential:
    """What a browser returns from `navigator.credentials.get`. All in base64url (RFC 4648)."""

    id: str
    client_data: str = field(repr=False)
    authenticator_data: str = field(repr=False)
    signature: str = field(repr=False)
    user_handle: str | None = field(default=None, repr=False)


class Ceremonies(Protocol):
    """Speaks with passkeys, by way of browsers (WebAuthn level 3)."""

    def draw(self) -> bytes:
        """Return a challenge."""
        ...

    def creation(
        self, account: Account, challenge: bytes, known: Sequence[Passkey]
    ) -> Mapping[str, object]:
        """Return what `PublicKeyCredential.parseCreationOptionsFromJSON` reads."""
        ...

    def request(self, challenge: bytes, allowed: Sequence[Passkey]) -> Mapping[str, object]:
        """Return what `PublicKeyCredential.parseRequestOptionsFromJSON` reads.

        None allowed: the browser offers whatever passkeys it has.
        """
        ...

    def challenge_in(self, client_data: str) -> bytes:
        """Return the challenge that was answered. Nothing is verified. Raises PasskeyRefused."""
        ...

    def credential_id(self, shown: ShownCredential) -> bytes:
        """Return which passkey is said to answer. Raises PasskeyRefused."""
        ...

    def verify_made(self, made: MadeCredential, challenge: bytes) -> NewCredential:
        """Return the passkey that was made for us, by a user it verified.

        Raises PasskeyRefused.
        """
        ...

    def verify_shown(
        self, shown: ShownCredential, challenge: bytes, public_key: bytes
    ) -> Assertion:
        """Return what the passkey with the key says to us, for a user it verified.

        Its count is not judged. Raises PasskeyRefused.
        """
        ...


class Challenges(Protocol):
    """Challenges that wait for an answer."""

    def add(self, challenge: Challenge) -> None: ...

    async def take(
        self, challenge_hash: bytes, ceremony: Ceremony, bound_to: bytes, *, at: datetime
    ) -> bool:
        """Forget a challenge, and say whether there was one: of many at once, one takes it."""
        ...


class PasskeyTransaction(SecondFactorTransaction, Protocol):
    """A transaction that also knows challenges, and what else lets an account in."""

    @property
    def challenges(self) -> Challenges: ...

    @property
    def ways_in(self) -> WaysIn: ...


BeginPasskeys = Callable[[], AbstractAsyncContextManager[PasskeyTransaction]]
