"""Doubles for API keys and service accounts, over the store of identity's other doubles."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from modules.identity.application.api_keys import ApiKeyView
from modules.identity.application.service_accounts import (
    SecretView,
    ServiceAccountSummary,
    ServiceAccountView,
)
from modules.identity.domain.account import AccountStatus
from modules.identity.domain.api_key import ApiKey, ApiKeyUnknown
from modules.identity.domain.api_secret import ApiSecret, KnownSecret, SecretKind
from modules.identity.domain.service_account import (
    ServiceAccount,
    ServiceAccountNameTaken,
    ServiceAccountSecret,
    ServiceAccountUnknown,
)
from modules.identity.ports import AccessToken
from modules.identity.ports.api_keys import ClientGrant
from shared_kernel.application import Caller, Means, Page, Slice
from shared_kernel.domain import new_id
from tests.kit.identity import IdentityInMemory, PlainAccessTokens, TransactionInMemory

EVERYTHING = Slice(limit=200)


@dataclass
class CountedSecrets:
    """Secrets anybody can foresee, no two of them alike."""

    drawn: int = 0

    def draw(self, kind: SecretKind) -> ApiSecret:
        return self.redraw(kind, new_id())

    def redraw(self, kind: SecretKind, id: UUID) -> ApiSecret:
        self.drawn += 1
        return ApiSecret(kind, id, self.drawn.to_bytes(32))


@dataclass
class RememberedUses:
    """Uses, in the order they were noted."""

    noted: list[tuple[SecretKind, UUID, datetime]] = field(
        default_factory=list[tuple[SecretKind, UUID, datetime]]
    )

    def used(self, kind: SecretKind, id: UUID, *, at: datetime) -> None:
        self.noted.append((kind, id, at))


class PlainClientTokens(PlainAccessTokens):
    """Tokens of service accounts, too."""

    def issue_to_client(self, grant: ClientGrant, *, at: datetime) -> AccessToken:
        until = min(at + timedelta(minutes=10), grant.secret_expires_at)
        text = f"token-{len(self.issued)}"
        caller = Caller(grant.account_id, grant.secret_id, scope=grant.scope, means=Means.KEY)
        self.issued[text] = caller, until
        return AccessToken(text, int((until - at).total_seconds()))


@dataclass
class KeysInMemory:
    """API keys and service accounts beside accounts and sessions."""

    store: IdentityInMemory = field(default_factory=IdentityInMemory)
    kept_services: dict[UUID, ServiceAccount] = field(default_factory=dict[UUID, ServiceAccount])
    reads: int = 0

    @property
    def kept_keys(self) -> dict[UUID, ApiKey]:
        """The API keys there are."""
        return self.store.api_keys

    @asynccontextmanager
    async def begin(self) -> AsyncGenerator[KeyTransactionInMemory]:
        """Keep what is added when the block ends well."""
        tx = KeyTransactionInMemory(self)
        yield tx
        tx.commit()

    async def find(self, kind: SecretKind, id: UUID) -> KnownSecret | None:
        self.reads += 1
        if kind is SecretKind.PERSONAL:
            key = self.kept_keys.get(id)
            return self._known_key(key) if key is not None else None
        found = self.secret(id)
        return _known_secret(*found) if found is not None else None

    async def api_key(self, caller: Caller, key_id: UUID) -> ApiKeyView:
        for one in await self.api_keys(caller):
            if one.id == key_id:
                return one
        raise ApiKeyUnknown("there is no such api key")

    async def api_keys(self, caller: Caller) -> Sequence[ApiKeyView]:
        mine = (one for one in self.kept_keys.values() if one.account_id == caller.id)
        shown = [_shown(one) for one in mine if one.revoked_at is None]
        return sorted(shown, key=lambda one: (one.created_at, one.id), reverse=True)

    async def service_account(self, id: UUID) -> ServiceAccountView:
        found = self.service(id)
        secrets = [
            SecretView(one.id, one.created_at, one.expires_at, one.last_used_at)
            for one in sorted(found.secrets, key=lambda one: (one.created_at, one.id), reverse=True)
            if one.revoked_at is None
        ]
        shown = _summary(found)
        return ServiceAccountView(
            shown.id,
            shown.version,
            shown.name,
            shown.description,
            shown.created_by,
            shown.created_at,
            shown.disabled,
            secrets,
        )

    async def service_accounts(self, part: Slice) -> Page[ServiceAccountSummary]:
        open_ones = [one for one in self.kept_services.values() if one.deleted_at is None]
        return Page([_summary(one) for one in sorted(open_ones, key=lambda one: one.name)])

    async def is_service_account(self, id: UUID) -> bool:
        found = self.kept_services.get(id)
        return found is not None and found.deleted_at is None

    def service(self, id: UUID) -> ServiceAccount:
        """Return a service account that is not deleted."""
        found = self.kept_services.get(id)
        if found is None or found.deleted_at is not None:
            raise ServiceAccountUnknown("there is no such service account")
        return found

    def secret(self, id: UUID) -> tuple[ServiceAccount, ServiceAccountSecret] | None:
        """Return a secret and the service account it belongs to."""
        for account in self.kept_services.values():
            for secret in account.secrets:
                if secret.id == id:
                    return account, secret
        return None

    def _known_key(self, key: ApiKey) -> KnownSecret:
        owner = self.store.kept_accounts[key.account_id]
        return KnownSecret(
            key.id,
            key.account_id,
            key.secret_hash,
            key.expires_at,
            key.revoked_at,
            key.last_used_at,
            owner.status is AccountStatus.ACTIVE,
            key.previous_hash,
            key.previous_until,
            key.scope,
            key.methods,
        )


class ServiceAccountsInMemory:
    """Service accounts, inside one transaction."""

    def __init__(self, keys: KeysInMemory) -> None:
        self._keys = keys
        self.added: list[ServiceAccount] = []

    def add(self, aggregate: ServiceAccount) -> None:
        self.added.append(aggregate)

    async def get_locked(self, id: UUID) -> ServiceAccount:
        return self._keys.service(id)

    async def of_secret(self, secret_id: UUID) -> ServiceAccount | None:
        found = self._keys.secret(secret_id)
        return found[0] if found is not None else None


class KeyTransactionInMemory(TransactionInMemory):
    """One transaction over the store and the keys."""

    def __init__(self, keys: KeysInMemory) -> None:
        super().__init__(keys.store)
        self.service_accounts = ServiceAccountsInMemory(keys)
        self._keys = keys

    def commit(self) -> None:
        """Make it true."""
        names = {one.name for one in self._keys.kept_services.values() if one.deleted_at is None}
        if any(one.name in names for one in self.service_accounts.added):
            raise ServiceAccountNameTaken("another one has this name", field="/name")
        for one in (*self.api_keys.added, *self.service_accounts.added):
            one.version = 1  # the mapping keeps new aggregates without one until they are saved
        self._keys.kept_keys.update((one.id, one) for one in self.api_keys.added)
        self._keys.kept_services.update((one.id, one) for one in self.service_accounts.added)
        for aggregate in (*self._keys.kept_keys.values(), *self._keys.kept_services.values()):
            for event in aggregate.release_events():
                self.publish(event)
        super().commit()


def _known_secret(account: ServiceAccount, secret: ServiceAccountSecret) -> KnownSecret:
    return KnownSecret(
        secret.id,
        account.id,
        secret.secret_hash,
        secret.expires_at,
        secret.revoked_at,
        secret.last_used_at,
        account.disabled_at is None and account.deleted_at is None,
    )


def _shown(key: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        key.id,
        key.version,
        key.name,
        key.scope,
        key.created_at,
        key.expires_at,
        key.last_used_at,
        key.previous_until,
    )


def _summary(account: ServiceAccount) -> ServiceAccountSummary:
    return ServiceAccountSummary(
        account.id,
        account.version,
        account.name,
        account.description,
        account.created_by,
        account.created_at,
        account.disabled_at is not None,
    )
