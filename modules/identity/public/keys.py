"""API keys, and secrets that leaked."""

from __future__ import annotations

from dataclasses import dataclass

from shared_kernel.domain import AccountId, DomainEvent


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
    """An API key is refused from now on. `subject_id` is the key.

    reason  by_owner, leaked, or taken_back: with the account it belongs to
    """

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
