"""What other modules may know of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared_kernel.domain import AccountId, DomainEvent, Permission


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountRegistered(DomainEvent):
    """Somebody has an account now. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedInAfterFailures(DomainEvent):
    """The right password came after many wrong ones. `subject_id` is the account.

    Somebody may have guessed it: its owner is to be told. `failures` are those before it.
    """

    failures: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountClosed(DomainEvent):
    """An account was closed for good. `subject_id` is the account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKeyCreated(DomainEvent):
    """An account has another API key. `subject_id` is the key."""

    account_id: AccountId
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKeyRotated(DomainEvent):
    """An API key has another secret. `subject_id` is the key."""

    account_id: AccountId
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKeyRevoked(DomainEvent):
    """An API key is refused from now on. `subject_id` is the key, `reason` by_owner or leaked."""

    account_id: AccountId
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretLeaked(DomainEvent):
    """A secret was found where everybody can read it, and is refused from now on.

    subject_id  the API key, the secret of a service account, or the session
    owner_id    the person to tell: for a service account whoever made it
    what        api_key, service_account_secret or refresh_token
    name        what its owner calls it; empty where it has no name
    source      what kind of place it was found in, as the scanner says
    url         where it was found, as the scanner says; may be empty
    """

    owner_id: AccountId
    what: str
    name: str
    source: str
    url: str


READ_SERVICE_ACCOUNTS = Permission(
    "identity.service-accounts.read", "See the service accounts and when they were used."
)
WRITE_SERVICE_ACCOUNTS = Permission(
    "identity.service-accounts.write",
    "Make, change and delete service accounts, and give them secrets.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityLinked(DomainEvent):
    """An account may be signed in to with a provider, too. `subject_id` is the account."""

    provider: str


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentityUnlinked(DomainEvent):
    """A provider no longer opens an account. `subject_id` is the account."""

    provider: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """An open account, as other modules may see it."""

    id: AccountId
    email: str
    registered_at: datetime


class AccountDirectory(Protocol):
    """Finds accounts, and makes them for administrators."""

    async def register(self, email: str, password: str) -> AccountId:
        """Open an account.

        Raises EmailMalformed, EmailTaken or PasswordTooWeak; Unavailable when too many passwords
        are being hashed.
        """
        ...

    async def find(self, email: str) -> AccountView | None:
        """Return the open account of an address, however it is written; None when there is none."""
        ...

    async def is_open(self, account_id: AccountId) -> bool:
        """Say whether there is an open account of this id, a person's or a service account's."""
        ...
