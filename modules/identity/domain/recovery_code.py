"""Recovery codes: for whoever lost their second factor."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256

CODES = 10
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: what looks alike is the same digit."""

LENGTH, GROUP = 16, 4  # 80 bits
LOOKS_LIKE = str.maketrans("ilo", "110")


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """80 random bits, shown once.

    Stored is their SHA-256, without salt or stretching: nobody can try 2^80 codes, and equal
    codes do not occur. A slow hash protects what people choose, and this is drawn.
    """

    digits: str = field(repr=False)

    @classmethod
    def read(cls, text: str) -> RecoveryCode | None:
        """Read a code as people write it: in any case, with spaces or hyphens or without."""
        digits = re.sub(r"[\s-]", "", text).lower().translate(LOOKS_LIKE)
        well_formed = len(digits) == LENGTH and not set(digits) - set(ALPHABET)
        return cls(digits) if well_formed else None

    @property
    def text(self) -> str:
        """The code as it is shown, in groups."""
        return "-".join(self.digits[at : at + GROUP] for at in range(0, LENGTH, GROUP))

    @property
    def hash(self) -> bytes:
        """What is stored of the code."""
        return sha256(self.digits.encode()).digest()
