"""The tokens that keep a session going: a refresh token, or a browser's cookie."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Self
from uuid import UUID

from modules.identity.domain.opaque import fingerprint, read, written
from shared_kernel.domain import Unauthenticated

FAMILY_BYTES, SECRET_BYTES = 16, 32


class RefreshTokenRefused(Unauthenticated):
    """The refresh token is none of ours, was used before, or its session is over."""


@dataclass(frozen=True)
class SessionToken:
    """A family handle, which finds the session, and 256 secret bits, which prove it."""

    PREFIX: ClassVar[str]

    family: UUID
    secret: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a token. Raises RefreshTokenRefused."""
        raw = read(cls.PREFIX, text, FAMILY_BYTES + SECRET_BYTES)
        if raw is None:
            raise RefreshTokenRefused("the token is not valid")
        return cls(UUID(bytes=raw[:FAMILY_BYTES]), raw[FAMILY_BYTES:])

    @property
    def text(self) -> str:
        """The token as it travels."""
        return written(self.PREFIX, self.family.bytes + self.secret)

    @cached_property
    def hash(self) -> bytes:
        """What is stored of the token."""
        return fingerprint(self.text)

    def has(self, stored: bytes | None) -> bool:
        """Say, in constant time, whether the stored hash is this token's."""
        return stored is not None and hmac.compare_digest(self.hash, stored)


@dataclass(frozen=True)
class RefreshToken(SessionToken):
    """Exchanged once for the next."""

    PREFIX: ClassVar[str] = "app_rt_"


@dataclass(frozen=True)
class CookieToken(SessionToken):
    """Kept by a browser for as long as the session lasts; never exchanged."""

    PREFIX: ClassVar[str] = "app_ses_"

    @classmethod
    def instead_of(cls, token: RefreshToken) -> Self:
        """Return the cookie that keeps the session of an unused refresh token going instead."""
        return cls(token.family, token.secret)
