"""Tokens, and the keys that sign them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from modules.identity.domain.refresh_token import RefreshToken
from modules.identity.domain.session import Session
from modules.identity.domain.signing_key import StoredKey
from shared_kernel.application import Caller


class RefreshTokens(Protocol):
    """Makes refresh tokens."""

    def first(self) -> RefreshToken:
        """Return the first token of a new family, from a secure source."""
        ...

    def successors(self, token: RefreshToken) -> Sequence[RefreshToken]:
        """Return the one successor of a token under each secret key, the current key first.

        Derived, not drawn: whoever presents the same token gets the same successor, though no
        token is stored.
        """
        ...


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed access token, and the seconds it lasts."""

    text: str = field(repr=False)
    expires_in: int


class AccessTokens(Protocol):
    """Issues and verifies access tokens (RFC 9068)."""

    def issue(self, session: Session, *, at: datetime, verified: bool) -> AccessToken:
        """Return a token for the session, which does not outlast it.

        `verified` says that the account's address is proved to be its own.
        """
        ...

    async def verify(self, text: str, *, at: datetime) -> Caller:
        """Return whom the token names. Raises AccessTokenRefused."""
        ...


class PublicKeys(Protocol):
    """The keys that verify our access tokens."""

    def published(self) -> Sequence[Mapping[str, str]]:
        """Return them as public JSON Web Keys (RFC 7517)."""
        ...


class SigningKeys(Protocol):
    """Keeps the signing keys."""

    async def all(self) -> Sequence[StoredKey]:
        """Return every key, the oldest first."""
        ...

    async def change(
        self, decide: Callable[[Sequence[StoredKey]], Sequence[StoredKey]]
    ) -> Sequence[StoredKey]:
        """Replace the keys by what `decide` makes of them, one process at a time."""
        ...


class KeyRotation(Protocol):
    """Lets the next signing key take over."""

    async def rotate(self, *, at_once: bool) -> Sequence[StoredKey]:
        """Return the keys there are then. Raises KeyTooNew."""
        ...
