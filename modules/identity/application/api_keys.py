"""What people can do with their API keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Protocol
from uuid import UUID

from annotated_types import Interval, Len

from modules.identity.application.protection import own_account
from modules.identity.domain.account import AccountIsClosed, AccountStatus
from modules.identity.domain.api_key import (
    LONGEST_OVERLAP,
    ApiKey,
    ApiKeyUnknown,
    KeyTerms,
    ScopeUnknown,
    TooManyApiKeys,
)
from modules.identity.domain.api_secret import NAME_LENGTH, RevokeReason, SecretKind
from modules.identity.ports.api_keys import BeginKeys, KeyTransaction, SecretSource
from shared_kernel.application import AuditEntry, Caller, Clock, Command, PermissionCatalogue

Name = Annotated[str, Len(1, NAME_LENGTH)]
PermissionName = Annotated[str, Len(1, 100)]
Scope = Annotated[tuple[PermissionName, ...], Len(1, 100)]
Days = Annotated[int, Interval(ge=1, le=366)]
Overlap = Annotated[int, Interval(ge=0, le=int(LONGEST_OVERLAP.total_seconds()))]


class CreateApiKey(Command):
    """A new key. `scope` names the permissions it is limited to, of those you hold."""

    name: Name
    scope: Scope
    expires_in_days: Days | None = None


class RenameApiKey(Command):
    """Another name."""

    name: Name


class RotateApiKey(Command):
    """A new secret. The old one works for `overlap_seconds` more, at most a day."""

    overlap_seconds: Overlap = 0
    expires_in_days: Days | None = None


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """An API key. Its secret is shown once, by whatever made it."""

    id: UUID
    version: int
    name: str
    scope: Sequence[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    previous_until: datetime | None


@dataclass(frozen=True, slots=True)
class MadeSecret:
    """A secret that was just drawn. There is no other moment to see it."""

    id: UUID
    text: str = field(repr=False)


class ApiKeyQueries(Protocol):
    """Reads, outside any transaction."""

    async def api_key(self, caller: Caller, key_id: UUID) -> ApiKeyView:
        """Return a key of the caller's that is not revoked. Raises ApiKeyUnknown."""
        ...

    async def api_keys(self, caller: Caller) -> Sequence[ApiKeyView]:
        """Return the caller's keys that are not revoked, the newest first."""
        ...


def require_known(scope: Collection[str], catalogue: PermissionCatalogue) -> None:
    """Raise ScopeUnknown when no module declares one of the permissions."""
    if not {one.name for one in catalogue.permissions}.issuperset(scope):
        raise ScopeUnknown("no module declares this permission", field="/scope")


@dataclass(frozen=True, slots=True)
class ApiKeyService:
    """Makes, rotates and revokes keys. Somebody else's key is as unknown as one never made."""

    begin: BeginKeys
    clock: Clock
    secrets: SecretSource
    catalogue: PermissionCatalogue
    terms: KeyTerms

    async def create(self, caller: Caller, wanted: CreateApiKey) -> MadeSecret:
        """Make a key. Raises ScopeUnknown, LifetimeTooLong, TooManyApiKeys.

        It carries how its owner had proved who they are: a role that asks for a second factor
        counts for the key if one was given when it was made.
        """
        require_known(wanted.scope, self.catalogue)
        secret, now = self.secrets.draw(SecretKind.PERSONAL), self.clock.now()
        key = ApiKey.make(
            caller.id,
            secret,
            name=wanted.name,
            scope=wanted.scope,
            methods=caller.methods,
            at=now,
            expires_at=self.terms.expiry(wanted.expires_in_days, at=now),
        )
        async with self.begin() as tx:
            await self._require_room(tx, caller)
            tx.api_keys.add(key)
        return MadeSecret(key.id, secret.text)

    async def rename(
        self, caller: Caller, key_id: UUID, wanted: RenameApiKey, *, expected: int
    ) -> None:
        """Give a key another name. Raises ApiKeyUnknown, Stale."""
        async with self.begin() as tx:
            key = await self._own(tx, caller, key_id)
            key.must_be_at(expected)
            key.rename(wanted.name)
            tx.audit(
                AuditEntry(
                    action="identity.api_key_renamed",
                    occurred_at=self.clock.now(),
                    subject_id=key.id,
                )
            )

    async def rotate(
        self, caller: Caller, key_id: UUID, wanted: RotateApiKey, *, expected: int
    ) -> MadeSecret:
        """Replace a key's secret. Of several at once one succeeds. Raises ApiKeyUnknown, Stale.

        It is worth no more than what its owner has proved now.
        """
        secret, now = self.secrets.redraw(SecretKind.PERSONAL, key_id), self.clock.now()
        async with self.begin() as tx:
            await own_account(tx, caller)
            key = await self._own(tx, caller, key_id)
            key.must_be_at(expected)
            key.rotate(
                secret,
                methods=caller.methods,
                overlap=timedelta(seconds=wanted.overlap_seconds),
                at=now,
                expires_at=self.terms.expiry(wanted.expires_in_days, at=now),
            )
        return MadeSecret(key.id, secret.text)

    async def revoke(self, caller: Caller, key_id: UUID) -> None:
        """Refuse a key from now on, whatever state it is in. Raises ApiKeyUnknown."""
        async with self.begin() as tx:
            key = await self._own(tx, caller, key_id)
            key.revoke(RevokeReason.BY_OWNER, at=self.clock.now())

    async def _require_room(self, tx: KeyTransaction, caller: Caller) -> None:
        account = await own_account(tx, caller)
        if account.status is not AccountStatus.ACTIVE:
            raise AccountIsClosed("the account is not open")
        if await tx.api_keys.count_of(caller.id) >= self.terms.most:
            raise TooManyApiKeys(f"an account has {self.terms.most} keys at most; revoke one first")

    async def _own(self, tx: KeyTransaction, caller: Caller, key_id: UUID) -> ApiKey:
        key = await tx.api_keys.get_locked(key_id)
        if key.account_id != caller.id or key.revoked_at is not None:
            raise ApiKeyUnknown("there is no such api key")
        return key
