"""A service account: a program with roles of its own, which belongs to no person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID

from modules.identity.domain.api_secret import (
    DESCRIPTION_LENGTH,
    NAME_LENGTH,
    ApiSecret,
    RevokeReason,
)
from modules.identity.domain.label import label, remark
from modules.identity.public import AccountClosed
from shared_kernel.domain import AccountId, Aggregate, Conflict, NotFound

MOST_LIVE_SECRETS = 2  # the one in use, and the one that replaces it
MOST_SECRETS = 20  # those that ended long ago are forgotten


class ServiceAccountUnknown(NotFound):
    """There is no such service account."""


class ServiceAccountNameTaken(Conflict):
    """Another service account has this name."""


class TooManySecrets(Conflict):
    """The service account has two secrets that work. Revoke one first."""


class SecretUnknown(NotFound):
    """The service account has no such secret, or it was revoked."""


@dataclass(eq=False, kw_only=True)
class ServiceAccountSecret:
    """One of a service account's secrets. Only its hash is kept."""

    id: UUID
    secret_hash: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoke_reason: RevokeReason | None = None

    def is_live(self, *, at: datetime) -> bool:
        """Say whether it works, as far as the secret itself decides."""
        return self.revoked_at is None and at < self.expires_at


@dataclass(eq=False, kw_only=True)
class ServiceAccount(Aggregate):
    """A program's account. It has secrets in place of a password, and it cannot sign in."""

    name: str
    description: str
    created_by: UUID
    created_at: datetime
    changed_at: datetime
    disabled_at: datetime | None = None
    deleted_at: datetime | None = None
    secrets: list[ServiceAccountSecret] = field(default_factory=list[ServiceAccountSecret])

    @classmethod
    def create(cls, *, name: str, description: str, by: AccountId, at: datetime) -> Self:
        """Make a service account, without secrets and without roles of its own."""
        return cls(
            name=label(name, most=NAME_LENGTH, field="/name"),
            description=remark(description, most=DESCRIPTION_LENGTH, field="/description"),
            created_by=by,
            created_at=at,
            changed_at=at,
        )

    @property
    def account_id(self) -> AccountId:
        """The id, as other modules know it: roles are given to it like to a person's."""
        return AccountId(self.id)

    def change(self, *, name: str, description: str, disabled: bool, at: datetime) -> None:
        """Set what is said of it. While it is disabled, its secrets and tokens are refused."""
        self.name = label(name, most=NAME_LENGTH, field="/name")
        self.description = remark(description, most=DESCRIPTION_LENGTH, field="/description")
        self.disabled_at = (self.disabled_at or at) if disabled else None
        self.changed_at = at

    def add_secret(self, secret: ApiSecret, *, at: datetime, expires_at: datetime) -> None:
        """Let the secret open the account. Raises TooManySecrets."""
        if sum(one.is_live(at=at) for one in self.secrets) >= MOST_LIVE_SECRETS:
            raise TooManySecrets(f"{MOST_LIVE_SECRETS} secrets work already; revoke one first")
        ended = sorted(
            (one for one in self.secrets if not one.is_live(at=at)), key=lambda one: one.created_at
        )
        for one in ended[: max(len(self.secrets) + 1 - MOST_SECRETS, 0)]:
            self.secrets.remove(one)
        self.secrets.append(
            ServiceAccountSecret(
                id=secret.id, secret_hash=secret.hash, created_at=at, expires_at=expires_at
            )
        )
        self.changed_at = at

    def secret(self, secret_id: UUID) -> ServiceAccountSecret:
        """Return one of its secrets, revoked or not. Raises SecretUnknown."""
        for one in self.secrets:
            if one.id == secret_id:
                return one
        raise SecretUnknown("the service account has no such secret")

    def revoke(self, secret: ServiceAccountSecret, reason: RevokeReason, *, at: datetime) -> None:
        """Refuse the secret, and the access tokens made of it, from now on."""
        if secret.revoked_at is None:
            secret.revoked_at, secret.revoke_reason = at, reason
            self.changed_at = at

    def delete(self, *, at: datetime) -> None:
        """End the account for good. To other modules it is an account like any that closes."""
        self.deleted_at = self.changed_at = at
        self.record(AccountClosed(subject_id=self.id, occurred_at=at))
