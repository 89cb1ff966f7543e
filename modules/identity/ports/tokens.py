"""Tokens, and the keys that sign them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from modules.identity.domain.refresh_token import RefreshToken
from modules.identity.domain.session import Session
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

    def issue(self, session: Session, *, at: datetime) -> AccessToken:
        """Return a token for the session, which does not outlast it."""
        ...

    async def verify(self, text: str, *, at: datetime) -> Caller:
        """Return whom the token names. Raises AccessTokenRefused."""
        ...


class PublicKeys(Protocol):
    """The keys that verify our access tokens."""

    def published(self) -> Sequence[Mapping[str, str]]:
        """Return them as public JSON Web Keys (RFC 7517)."""
        ...


class KeyState(StrEnum):
    """A key is published before it signs, and after: tokens it signed must still verify."""

    NEXT = "next"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A signing key as it is kept: the private part encrypted."""

    kid: str
    public_key: bytes
    sealed_private_key: bytes = field(repr=False)
    state: KeyState
    created_at: datetime


class SigningKeys(Protocol):
    """Keeps the signing keys."""

    async def all(self) -> Sequence[StoredKey]:
        """Return every key, the oldest first."""
        ...

    async def add_first(self, key: StoredKey) -> None:
        """Save the key unless there is one already, whichever process comes first."""
        ...
