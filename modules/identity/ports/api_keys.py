"""What API keys and service accounts need from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from modules.identity.domain.api_key import ApiKey
from modules.identity.domain.api_secret import ApiSecret, KnownSecret, SecretKind
from modules.identity.domain.service_account import ServiceAccount
from modules.identity.ports.tokens import AccessToken
from modules.identity.ports.transaction import Transaction
from shared_kernel.domain import AccountId


class ApiKeys(Protocol):
    """The personal API keys, inside one transaction."""

    def add(self, aggregate: ApiKey) -> None: ...

    async def get_locked(self, id: UUID) -> ApiKey:
        """Return the key, revoked or not, and keep others from changing it.

        Raises ApiKeyUnknown.
        """
        ...

    async def count_of(self, account_id: UUID) -> int:
        """Return how many keys of an account are not revoked."""
        ...

    async def of_account(self, account_id: UUID) -> Sequence[ApiKey]:
        """Return the keys of an account that are not revoked, locked."""
        ...


class ServiceAccounts(Protocol):
    """The service accounts, inside one transaction."""

    def add(self, aggregate: ServiceAccount) -> None: ...

    async def get_locked(self, id: UUID) -> ServiceAccount:
        """Return the service account, and keep others from changing it.

        Raises ServiceAccountUnknown, also for one that was deleted.
        """
        ...

    async def of_secret(self, secret_id: UUID) -> ServiceAccount | None:
        """Return the service account that has or had the secret, locked."""
        ...


class KeyTransaction(Transaction, Protocol):
    """One transaction over API keys and service accounts as well."""

    @property
    def api_keys(self) -> ApiKeys: ...

    @property
    def service_accounts(self) -> ServiceAccounts: ...


BeginKeys = Callable[[], AbstractAsyncContextManager[KeyTransaction]]


class SecretSource(Protocol):
    """Draws new secrets from a secure source."""

    def draw(self, kind: SecretKind) -> ApiSecret:
        """Return a secret with an id of its own."""
        ...

    def redraw(self, kind: SecretKind, id: UUID) -> ApiSecret:
        """Return another secret for the same key."""
        ...


class SecretRecords(Protocol):
    """What is stored of keys and secrets, read at every request that carries one."""

    async def find(self, kind: SecretKind, id: UUID) -> KnownSecret | None:
        """Return what is stored of a key, and whether its owner may act, by one indexed read."""
        ...


class SecretUses(Protocol):
    """Remembers when keys were used, without keeping the request waiting."""

    def used(self, kind: SecretKind, id: UUID, *, at: datetime) -> None:
        """Note a use. It is written soon, at most once a minute for each key."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientGrant:
    """What a service account gets that proved itself with a secret.

    `scope` is what it asked to be limited to; None leaves all it may do. The token does not
    outlast the secret.
    """

    account_id: AccountId
    secret_id: UUID
    scope: frozenset[str] | None
    secret_expires_at: datetime


class ClientTokens(Protocol):
    """Issues access tokens to service accounts (RFC 9068)."""

    def issue_to_client(self, grant: ClientGrant, *, at: datetime) -> AccessToken:
        """Return a token whose caller is the service account."""
        ...


class ReportSignatures(Protocol):
    """Knows the keys of those who may report leaked secrets."""

    def accepts_reports(self) -> bool:
        """Say whether any key is configured."""
        ...

    def verify(self, key_id: str, signature: str, body: bytes) -> bool:
        """Say whether the signature (base64 of an ECDSA signature, P-256 and SHA-256) is right."""
        ...
