"""Secrets of second factors: drawn, and seeds sealed for the database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from modules.identity.domain.opaque import SECRET_BYTES
from modules.identity.domain.pending_sign_in import PendingToken
from modules.identity.domain.recovery_code import ALPHABET, CODES, LENGTH, RecoveryCode
from modules.identity.ports.second_factor import OpenedSeed
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.domain import Unavailable

SEED_BYTES, NONCE_BYTES = 20, 12
PURPOSE = "totp-seeds"


class DrawnSecondFactorSecrets:
    """From the operating system."""

    def pending(self) -> PendingToken:
        return PendingToken(secrets.token_bytes(SECRET_BYTES))

    def seed(self) -> bytes:
        return secrets.token_bytes(SEED_BYTES)

    def recovery_codes(self) -> Sequence[RecoveryCode]:
        """Return ten codes of 80 bits each."""
        return [
            RecoveryCode("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))
            for _ in range(CODES)
        ]


class SealedSeeds:
    """Seals with AES-256-GCM under a key derived from the first secret key; all of them open.

    The owner is authenticated along: a seed moved to another account's row does not open.
    """

    def __init__(self, secret_keys: SecretKeys) -> None:
        self._keys = [AESGCM(key) for key in secret_keys.derive(PURPOSE)]

    def seal(self, seed: bytes, owner: UUID) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._keys[0].encrypt(nonce, seed, owner.bytes)

    def open(self, sealed: bytes, owner: UUID) -> OpenedSeed:
        """Return the seed. Raises Unavailable: the key it was sealed with has to be put back."""
        for index, key in enumerate(self._keys):
            try:
                raw = key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner.bytes)
            except InvalidTag:
                continue
            return OpenedSeed(raw, outdated=index > 0)
        raise Unavailable("codes of authenticator apps cannot be checked now")
