"""The upkeep of service accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from annotated_types import Len, MaxLen

from modules.identity.application.api_keys import Days, MadeSecret
from modules.identity.application.own_rights import OwnRights, service_account
from modules.identity.application.protection import still_there
from modules.identity.domain.api_key import KeyTerms
from modules.identity.domain.api_secret import (
    DESCRIPTION_LENGTH,
    NAME_LENGTH,
    RevokeReason,
    SecretKind,
)
from modules.identity.domain.service_account import SecretUnknown, ServiceAccount
from modules.identity.ports.api_keys import BeginKeys, KeyTransaction, SecretSource
from shared_kernel.application import (
    ABSENT,
    Absent,
    AuditEntry,
    Caller,
    Clock,
    Command,
    Page,
    Slice,
    given,
)

Name = Annotated[str, Len(1, NAME_LENGTH)]
Description = Annotated[str, MaxLen(DESCRIPTION_LENGTH)]


class CreateServiceAccount(Command):
    """A new service account. Its roles are given to it like to a person, by its id."""

    name: Name
    description: Description = ""


class ChangeServiceAccount(Command):
    """New values for some members (JSON Merge Patch, RFC 7386): what is not sent stays.

    While it is `disabled`, its secrets and the tokens made of them are refused.
    """

    name: Name | Absent = ABSENT
    description: Description | Absent = ABSENT
    disabled: bool | Absent = ABSENT


class AddSecret(Command):
    """A new secret. Two may work at a time, so that one can replace the other."""

    expires_in_days: Days | None = None


@dataclass(frozen=True, slots=True)
class SecretView:
    """A secret of a service account that is not revoked."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceAccountSummary:
    """A service account in a list."""

    id: UUID
    version: int
    name: str
    description: str
    created_by: UUID
    created_at: datetime
    disabled: bool


@dataclass(frozen=True, slots=True)
class ServiceAccountView(ServiceAccountSummary):
    """A service account and its secrets, the newest first."""

    secrets: Sequence[SecretView]


class ServiceAccountQueries(Protocol):
    """Reads, outside any transaction."""

    async def service_account(self, id: UUID) -> ServiceAccountView:
        """Return a service account. Raises ServiceAccountUnknown."""
        ...

    async def service_accounts(self, part: Slice) -> Page[ServiceAccountSummary]:
        """Return the service accounts by name."""
        ...

    async def is_service_account(self, id: UUID) -> bool:
        """Say whether there is a service account of this id that is not deleted."""
        ...


@dataclass(frozen=True, slots=True)
class ServiceAccountService:
    """Makes, changes and deletes service accounts, and gives them secrets.

    Whatever it does, it raises SessionOver where the caller's session ended meanwhile.
    """

    begin: BeginKeys
    clock: Clock
    secrets: SecretSource
    rights: OwnRights
    terms: KeyTerms

    async def create(self, caller: Caller, wanted: CreateServiceAccount) -> UUID:
        """Make a service account. Raises ServiceAccountNameTaken."""
        now = self.clock.now()
        made = ServiceAccount.create(
            name=wanted.name, description=wanted.description, by=caller.id, at=now
        )
        async with self.begin() as tx:
            await still_there(tx, caller)
            tx.service_accounts.add(made)
            tx.audit(_entry("service_account_created", made, now))
        return made.id

    async def change(
        self, caller: Caller, id: UUID, wanted: ChangeServiceAccount, *, expected: int
    ) -> None:
        """Change, disable or enable it. Raises Stale, ServiceAccountNameTaken.

        Enabling it gives its rights back, and raises BeyondOwnRights when the caller lacks them.
        """
        now = self.clock.now()
        if wanted.disabled is False:
            await self.rights.require_to_act_as(caller, service_account(id))
        async with self.begin() as tx:
            await still_there(tx, caller)
            found = await tx.service_accounts.get_locked(id)
            found.must_be_at(expected)
            disabled = given(wanted.disabled, found.disabled_at is not None)
            found.change(
                name=given(wanted.name, found.name),
                description=given(wanted.description, found.description),
                disabled=disabled,
                at=now,
            )
            tx.audit(_entry("service_account_changed", found, now, disabled=str(disabled).lower()))

    async def delete(self, caller: Caller, id: UUID, *, expected: int) -> None:
        """End it for good; its roles go with it. Raises Stale."""
        now = self.clock.now()
        async with self.begin() as tx:
            await still_there(tx, caller)
            found = await tx.service_accounts.get_locked(id)
            found.must_be_at(expected)
            found.delete(at=now)
            tx.audit(_entry("service_account_deleted", found, now))

    async def add_secret(self, caller: Caller, id: UUID, wanted: AddSecret) -> MadeSecret:
        """Give it a secret. Raises TooManySecrets, LifetimeTooLong.

        Raises BeyondOwnRights unless the caller may do all that the service account may: whoever
        has its secret can act as it.
        """
        await self.rights.require_to_act_as(caller, service_account(id))
        secret, now = self.secrets.draw(SecretKind.SERVICE), self.clock.now()
        async with self.begin() as tx:
            await still_there(tx, caller)
            found = await tx.service_accounts.get_locked(id)
            expires_at = self.terms.expiry(wanted.expires_in_days, at=now)
            found.add_secret(secret, at=now, expires_at=expires_at)
            tx.audit(_entry("service_account_secret_added", found, now, secret=str(secret.id)))
        return MadeSecret(secret.id, secret.text)

    async def revoke_secret(self, caller: Caller, id: UUID, secret_id: UUID) -> None:
        """Refuse a secret from now on. Raises SecretUnknown."""
        now = self.clock.now()
        async with self.begin() as tx:
            await still_there(tx, caller)
            found = await tx.service_accounts.get_locked(id)
            await self._revoke(tx, found, secret_id, now)

    async def _revoke(
        self, tx: KeyTransaction, found: ServiceAccount, secret_id: UUID, now: datetime
    ) -> None:
        secret = found.secret(secret_id)
        if secret.revoked_at is not None:
            raise SecretUnknown("the service account has no such secret")
        found.revoke(secret, RevokeReason.BY_OWNER, at=now)
        tx.audit(_entry("service_account_secret_revoked", found, now, secret=str(secret_id)))


def _entry(action: str, found: ServiceAccount, at: datetime, **detail: str) -> AuditEntry:
    return AuditEntry(
        action=f"identity.{action}", occurred_at=at, subject_id=found.id, detail=detail
    )
