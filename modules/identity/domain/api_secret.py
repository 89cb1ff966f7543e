"""The text of a key that programs carry, and how it is recognised."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from uuid import UUID

from modules.identity.domain.opaque import fingerprint, read, written
from shared_kernel.domain import Forbidden, Unauthenticated

ID_BYTES, SECRET_BYTES = 16, 32
NAME_LENGTH, DESCRIPTION_LENGTH = 100, 1_000


class ApiKeyRefused(Unauthenticated):
    """The API key is none of ours, was revoked, has expired, or its owner may not act."""


class BeyondOwnRights(Forbidden):
    """A secret would let its holder do what the one who asks for it may not do."""


class SecretKind(StrEnum):
    """What a key stands for: a person, in what the key's scope allows, or a service account."""

    PERSONAL = "api_key"
    SERVICE = "service_account_secret"


PREFIXES: Mapping[SecretKind, str] = MappingProxyType(
    {SecretKind.PERSONAL: "app_pat_", SecretKind.SERVICE: "app_sat_"}
)


class RevokeReason(StrEnum):
    """Why a key is refused from now on."""

    BY_OWNER = "by_owner"
    LEAKED = "leaked"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True)
class ApiSecret:
    """An id, which finds the key, and 256 secret bits, which prove it."""

    kind: SecretKind
    id: UUID
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, text: str) -> ApiSecret | None:
        """Read a key; None for any other text, one with a typing error included."""
        for kind, prefix in PREFIXES.items():
            if text.startswith(prefix):
                raw = read(prefix, text, ID_BYTES + SECRET_BYTES)
                return (
                    None if raw is None else cls(kind, UUID(bytes=raw[:ID_BYTES]), raw[ID_BYTES:])
                )
        return None

    @staticmethod
    def is_meant(text: str) -> bool:
        """Say whether a text begins like a key."""
        return text.startswith(tuple(PREFIXES.values()))

    @cached_property
    def text(self) -> str:
        """The key as it travels. Shown once, to whoever asked for it."""
        return written(PREFIXES[self.kind], self.id.bytes + self.secret)

    @cached_property
    def hash(self) -> bytes:
        """What is stored of the key."""
        return fingerprint(self.text)

    def has(self, stored: bytes | None) -> bool:
        """Say, in constant time, whether the stored hash is this key's."""
        return stored is not None and hmac.compare_digest(self.hash, stored)


@dataclass(frozen=True, slots=True)
class KnownSecret:
    """What is stored of a key and its owner: all that deciding about it takes, from one read.

    account_id      who acts with it
    owner_may_act   the owner is neither closed, nor suspended, nor disabled
    previous_hash   the secret before its last rotation, which works until `previous_until`
    scope           the permissions it is limited to; None leaves all of the account's
    methods         how its owner had proved who they are when they made it (RFC 8176)
    verified        the owner's address is proved to be theirs; a service account has none
    """

    id: UUID
    account_id: UUID
    hash: bytes = field(repr=False)
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    owner_may_act: bool
    previous_hash: bytes | None = field(default=None, repr=False)
    previous_until: datetime | None = None
    scope: Sequence[str] | None = None
    methods: Sequence[str] = ()
    verified: bool = True

    def is_live(self, *, at: datetime) -> bool:
        """Say whether what the key opened may stay open."""
        return self.owner_may_act and self.revoked_at is None and at < self.expires_at

    def opens_to(self, presented: ApiSecret, *, at: datetime) -> bool:
        """Say whether this secret of it works now."""
        return self.is_live(at=at) and (
            presented.has(self.hash) or (self._overlaps(at) and presented.has(self.previous_hash))
        )

    def _overlaps(self, at: datetime) -> bool:
        return self.previous_until is not None and at < self.previous_until
