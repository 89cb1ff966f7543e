"""The text of a refresh token, and how it is recognised."""

from __future__ import annotations

import hmac
import string
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from shared_kernel.domain import Unauthenticated

PREFIX = "app_rt_"
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
FAMILY_BYTES, SECRET_BYTES = 16, 32
BODY_LENGTH = 65  # 48 bytes in base 62
CHECKSUM_LENGTH = 6  # 32 bits in base 62


class RefreshTokenRefused(Unauthenticated):
    """The refresh token is none of ours, was used before, or its session is over."""


@dataclass(frozen=True)
class RefreshToken:
    """A family handle, which finds the session, and 256 secret bits, which prove it.

    `app_rt_`, both in base 62, and a CRC-32 of all that: a secret scanner recognises it, and
    a mistyped one is refused without asking the database. Only its SHA-256 is ever stored.
    """

    family: UUID
    secret: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> RefreshToken:
        """Read a token. Raises RefreshTokenRefused."""
        body, checksum = text[len(PREFIX) : -CHECKSUM_LENGTH], text[-CHECKSUM_LENGTH:]
        well_formed = text.startswith(PREFIX) and len(body) == BODY_LENGTH
        if not well_formed or set(body) - set(DIGITS) or checksum != _checksum(PREFIX + body):
            raise RefreshTokenRefused("the refresh token is not valid")
        number = _from_base62(body)
        if number >= 1 << (8 * (FAMILY_BYTES + SECRET_BYTES)):
            raise RefreshTokenRefused("the refresh token is not valid")
        raw = number.to_bytes(FAMILY_BYTES + SECRET_BYTES)
        return cls(UUID(bytes=raw[:FAMILY_BYTES]), raw[FAMILY_BYTES:])

    @property
    def text(self) -> str:
        """The token as it travels."""
        body = PREFIX + _base62(self.family.bytes + self.secret, BODY_LENGTH)
        return body + _checksum(body)

    @cached_property
    def hash(self) -> bytes:
        """The SHA-256 of the token's text: what is stored of it."""
        return sha256(self.text.encode()).digest()

    def has(self, stored: bytes | None) -> bool:
        """Say, in constant time, whether the stored hash is this token's."""
        return stored is not None and hmac.compare_digest(self.hash, stored)


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()).to_bytes(4), CHECKSUM_LENGTH)


def _base62(raw: bytes, length: int) -> str:
    number, digits = int.from_bytes(raw), ""
    while number:
        number, rest = divmod(number, len(DIGITS))
        digits = DIGITS[rest] + digits
    return digits.rjust(length, DIGITS[0])


def _from_base62(text: str) -> int:
    number = 0
    for digit in text:
        number = number * len(DIGITS) + DIGITS.index(digit)
    return number
