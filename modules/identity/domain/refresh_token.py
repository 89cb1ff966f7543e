"""The text of a refresh token, and how it is recognised."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from modules.identity.domain.opaque import fingerprint, read, written
from shared_kernel.domain import Unauthenticated

PREFIX = "app_rt_"
FAMILY_BYTES, SECRET_BYTES = 16, 32


class RefreshTokenRefused(Unauthenticated):
    """The refresh token is none of ours, was used before, or its session is over."""


@dataclass(frozen=True)
class RefreshToken:
    """A family handle, which finds the session, and 256 secret bits, which prove it."""

    family: UUID
    secret: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> RefreshToken:
        """Read a token. Raises RefreshTokenRefused."""
        raw = read(PREFIX, text, FAMILY_BYTES + SECRET_BYTES)
        if raw is None:
            raise RefreshTokenRefused("the refresh token is not valid")
        return cls(UUID(bytes=raw[:FAMILY_BYTES]), raw[FAMILY_BYTES:])

    @property
    def text(self) -> str:
        """The token as it travels."""
        return written(PREFIX, self.family.bytes + self.secret)

    @cached_property
    def hash(self) -> bytes:
        """What is stored of the token."""
        return fingerprint(self.text)

    def has(self, stored: bytes | None) -> bool:
        """Say, in constant time, whether the stored hash is this token's."""
        return stored is not None and hmac.compare_digest(self.hash, stored)
