"""What identity needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from modules.identity.domain.account import Account, EmailAddress
from modules.identity.domain.refresh_token import RefreshToken
from modules.identity.domain.session import Session
from shared_kernel.application import Caller, UnitOfWork


class Accounts(Protocol):
    """The accounts, inside one transaction."""

    def add(self, aggregate: Account) -> None: ...

    async def get_locked(self, id: UUID) -> Account:
        """Return the account and keep others from changing it. Raises AccountUnknown."""
        ...

    async def is_taken(self, email: EmailAddress) -> bool:
        """Say whether an open account has the address."""
        ...


class Sessions(Protocol):
    """The sessions, inside one transaction. What is returned is locked until its end."""

    def add(self, aggregate: Session) -> None: ...

    async def of_family(self, family: UUID) -> Session | None:
        """Return the session a family of refresh tokens belongs to, ended or not."""
        ...

    async def open_of(self, account_id: UUID) -> Sequence[Session]:
        """Return the sessions of an account that have not ended."""
        ...


class Transaction(UnitOfWork, Protocol):
    """One transaction over accounts and sessions.

    Once it has committed, the sessions it ended are refused in this process at once.
    """

    @property
    def accounts(self) -> Accounts: ...

    @property
    def sessions(self) -> Sessions: ...


Begin = Callable[[], AbstractAsyncContextManager[Transaction]]


class EmailAddresses(Protocol):
    """Knows how addresses are written."""

    def parse(self, text: str) -> EmailAddress:
        """Return the address. Raises EmailMalformed."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password is right, and its hash at today's cost when the stored one is older."""

    matches: bool
    renewed_hash: str | None = field(default=None, repr=False)


class PasswordHasher(Protocol):
    """Turns passwords into hashes, slowly and beside the event loop.

    Raises Unavailable when too many wait already.
    """

    async def hash(self, password: str) -> str: ...

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Check a password. Without a stored hash it works as long, and says no."""
        ...


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


class LiveSessions(Protocol):
    """Knows which sessions have ended, within two seconds wherever it happened."""

    async def require(self, session_id: UUID) -> None:
        """Raise SessionOver unless the session is live; Unavailable when that cannot be known."""
        ...

    def ended(self, session_ids: Sequence[UUID]) -> None:
        """Refuse these sessions from now on, here at once and elsewhere soon. After the commit."""
        ...


class SessionRecords(Protocol):
    """What is stored about ended sessions, read outside any transaction."""

    async def ended_since(self, moment: datetime) -> Sequence[tuple[UUID, datetime]]:
        """Return the sessions that ended at or after the moment, and when."""
        ...

    async def has_ended(self, session_id: UUID) -> bool:
        """Say whether one session has ended or was never there."""
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
