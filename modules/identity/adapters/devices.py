"""Tokens of known devices: nothing is stored, a keyed hash proves that we made them."""

from __future__ import annotations

import hmac
from uuid import UUID

from modules.identity.domain.opaque import read, written
from shared_kernel.adapters.secrets import SecretKeys

PREFIX, PURPOSE = "app_dev_", "devices"
ID_BYTES, PROOF_BYTES = 16, 32


class SignedDevices:
    """A token carries the id of a device, and HMAC-SHA256 over an address and that id.

    It holds for that address alone, as long as the secret key that signed it is among the keys.
    """

    def __init__(self, secret_keys: SecretKeys) -> None:
        self._keys = secret_keys.derive(PURPOSE)

    def token(self, who: str, device: UUID) -> str:
        return written(PREFIX, device.bytes + _proof(self._keys[0], who, device))

    def recognise(self, who: str, token: str | None) -> UUID | None:
        raw = read(PREFIX, token or "", ID_BYTES + PROOF_BYTES)
        if raw is None:
            return None
        device, proof = UUID(bytes=raw[:ID_BYTES]), raw[ID_BYTES:]
        made = [hmac.compare_digest(_proof(one, who, device), proof) for one in self._keys]
        return device if any(made) else None


def _proof(key: bytes, who: str, device: UUID) -> bytes:
    return hmac.digest(key, device.bytes + who.encode(), "sha256")
