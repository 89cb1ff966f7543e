"""A personal API key: lets a program act as its owner, within a scope and for a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from modules.identity.domain.api_secret import NAME_LENGTH, ApiSecret, RevokeReason
from modules.identity.domain.label import label
from modules.identity.public import ApiKeyCreated, ApiKeyRevoked, ApiKeyRotated
from shared_kernel.domain import AccountId, Aggregate, Conflict, Invalid, NotFound

LONGEST_OVERLAP = timedelta(hours=24)


class ApiKeyUnknown(NotFound):
    """There is no such key, it was revoked, or it is somebody else's."""


class TooManyApiKeys(Conflict):
    """The account has as many keys as it may have. Revoke one first."""


class ScopeUnknown(Invalid):
    """A scope names something that is no permission, or nothing at all."""


class LifetimeTooLong(Invalid):
    """A key would last longer than keys may last here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyTerms:
    """How long keys and secrets last, and how many keys an account may have."""

    days: int = 90
    most_days: int = 366
    most: int = 50

    def expiry(self, days: int | None, *, at: datetime) -> datetime:
        """Return when a key made now ends that shall last so many days. Raises LifetimeTooLong."""
        wanted = self.days if days is None else days
        if wanted > self.most_days:
            raise LifetimeTooLong(f"lasts {self.most_days} days at most", field="/expires_in_days")
        return at + timedelta(days=wanted)


@dataclass(eq=False, kw_only=True)
class ApiKey(Aggregate):
    """A key of an account. Of its secret only the hash is kept."""

    account_id: UUID
    name: str
    scope: list[str]
    methods: list[str]
    secret_hash: bytes = field(repr=False)
    previous_hash: bytes | None = field(default=None, repr=False)
    previous_until: datetime | None = None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoke_reason: RevokeReason | None = None

    @classmethod
    def make(
        cls,
        account_id: AccountId,
        secret: ApiSecret,
        *,
        name: str,
        scope: Collection[str],
        methods: Collection[str],
        at: datetime,
        expires_at: datetime,
    ) -> Self:
        """Make a key. `methods`: how its owner has proved who they are. Raises ScopeUnknown."""
        if not scope:
            raise ScopeUnknown("names one permission at least", field="/scope")
        key = cls(
            id=secret.id,
            account_id=account_id,
            name=label(name, most=NAME_LENGTH, field="/name"),
            scope=sorted(set(scope)),
            methods=sorted(methods),
            secret_hash=secret.hash,
            created_at=at,
            expires_at=expires_at,
        )
        key.record(
            ApiKeyCreated(subject_id=key.id, account_id=account_id, name=key.name, occurred_at=at)
        )
        return key

    def rename(self, name: str) -> None:
        """Give the key another name."""
        self.name = label(name, most=NAME_LENGTH, field="/name")

    def rotate(
        self,
        secret: ApiSecret,
        *,
        methods: Collection[str],
        overlap: timedelta,
        at: datetime,
        expires_at: datetime,
    ) -> None:
        """Replace the secret. The one before works for the overlap, and never past its own end.

        The key tells of no proof any more that whoever rotates it did not give (`methods`), and of
        none that it was not made with: both secrets are one key.
        """
        until = min(at + min(overlap, LONGEST_OVERLAP), self.expires_at)
        self.previous_hash, self.previous_until = (
            (self.secret_hash, until) if until > at else (None, None)
        )
        self.secret_hash, self.expires_at = secret.hash, expires_at
        self.methods = sorted({*self.methods} & {*methods})
        self.record(
            ApiKeyRotated(
                subject_id=self.id,
                account_id=AccountId(self.account_id),
                name=self.name,
                occurred_at=at,
            )
        )

    def revoke(self, reason: RevokeReason, *, at: datetime) -> None:
        """Refuse the key from now on. Revoking it twice changes nothing."""
        if self.revoked_at is not None:
            return
        self.revoked_at, self.revoke_reason = at, reason
        self.record(
            ApiKeyRevoked(
                subject_id=self.id,
                account_id=AccountId(self.account_id),
                name=self.name,
                reason=reason.value,
                occurred_at=at,
            )
        )

    def was(self, presented: ApiSecret) -> bool:
        """Say whether this is or was a secret of the key, in force or not."""
        return presented.has(self.secret_hash) or presented.has(self.previous_hash)
