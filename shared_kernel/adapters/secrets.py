"""Keys for one purpose each, derived from the application's secret keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class SecretKeys:
    """The secret keys. The first one signs and encrypts, all of them verify and decrypt."""

    roots: Sequence[bytes]

    def __repr__(self) -> str:
        return f"SecretKeys({len(self.roots)} keys)"

    def derive(self, purpose: str) -> list[bytes]:
        """Return one 256-bit key per root, of no use for any other purpose (HKDF, RFC 5869)."""
        return [
            HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(root)
            for root in self.roots
        ]
