"""The text of every opaque token: what it is, a body in base 62, and a checksum.

A secret scanner recognises it by its prefix, and a mistyped one is refused without asking the
database. Only its SHA-256 is ever stored.
"""

from __future__ import annotations

import string
import zlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from hashlib import sha256
from typing import ClassVar, Self

from shared_kernel.domain import DomainError

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
CHECKSUM_LENGTH = 6  # 32 bits in base 62
SECRET_BYTES = 32


@dataclass(frozen=True)
class SecretToken(ABC):
    """256 secret bits, good for one thing. Only the hash is stored."""

    PREFIX: ClassVar[str]

    secret: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a token as it travels. Raises what `refusal` returns."""
        secret = read(cls.PREFIX, text, SECRET_BYTES)
        if secret is None:
            raise cls.refusal()
        return cls(secret)

    @classmethod
    @abstractmethod
    def refusal(cls) -> DomainError:
        """Return the one answer to every token that is not good."""

    @property
    def text(self) -> str:
        """The token as it travels."""
        return written(self.PREFIX, self.secret)

    @property
    def hash(self) -> bytes:
        """What is stored of it."""
        return fingerprint(self.text)


def written(prefix: str, raw: bytes) -> str:
    """Return the token that carries these bytes: `prefix`, body, CRC-32 of both."""
    body = prefix + _base62(raw, _body_length(len(raw)))
    return body + _checksum(body)


def read(prefix: str, text: str, size: int) -> bytes | None:
    """Return the `size` bytes a token carries, or None when it is no token of this prefix."""
    body, checksum = text[len(prefix) : -CHECKSUM_LENGTH], text[-CHECKSUM_LENGTH:]
    well_formed = text.startswith(prefix) and len(body) == _body_length(size)
    if not well_formed or set(body) - set(DIGITS) or checksum != _checksum(prefix + body):
        return None
    number = _from_base62(body)
    return number.to_bytes(size) if number < 1 << (8 * size) else None


def fingerprint(text: str) -> bytes:
    """Return the SHA-256 of a token's text: what is stored of it."""
    return sha256(text.encode()).digest()


def _body_length(size: int) -> int:
    """Return how many digits hold any `size` bytes: log2(62) is a little less than 5.9542."""
    return -(-size * 8 * 10_000 // 59_541)


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
