"""The keys that sign access tokens, and those that verify them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import OKPKey

from modules.identity.domain.signing_key import (
    KeyLife,
    KeyState,
    StoredKey,
    completed,
    rotated,
)
from modules.identity.ports import SigningKeys
from shared_kernel.adapters.lookout import Lookout
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.adapters.settings import WrongSettings
from shared_kernel.application import Clock
from shared_kernel.domain import Unavailable

PURPOSE = "signing-keys"
ALGORITHM = "Ed25519"  # RFC 9864: names the curve, unlike the older EdDSA
NONCE_BYTES = 12

# A token may name a key another process has just made. Made-up names must not cost a query each.
RELOAD_SECONDS = 5.0
POLL_SECONDS = 1.0


class SigningKeyUnreadable(WrongSettings):
    """No secret key opens the active signing key: put the one it was sealed with back."""


class KeyRing:
    """The signing keys in memory, by name.

    The first key of an installation is made by whichever process comes first. Private keys are
    stored under AES-256-GCM with a key derived from the first secret key; every secret key may
    open them, so that secrets can be rotated.
    """

    def __init__(
        self, stored: SigningKeys, secret_keys: SecretKeys, clock: Clock, life: KeyLife
    ) -> None:
        self._stored, self._clock, self._life = stored, clock, life
        self._sealing = [AESGCM(key) for key in secret_keys.derive(PURPOSE)]
        self._public: dict[str, OKPKey] = {}
        self._signing: tuple[str, OKPKey] | None = None
        self._reload_after = 0.0
        self._lookout = Lookout("signing keys", self._load, every=POLL_SECONDS)

    async def __aenter__(self) -> Self:
        keys = await self._stored.all()
        if len(completed(keys, self._new)) > len(keys):
            keys = await self._stored.change(lambda found: completed(found, self._new))
        self._take(keys)
        await self._lookout.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._lookout.__aexit__(kind, error, trace)
        self._signing = None

    async def rotate(self, *, at_once: bool) -> Sequence[StoredKey]:
        """Let the next key take over. Raises KeyTooNew."""
        now = self._clock.now()
        keys = await self._stored.change(
            lambda found: rotated(found, self._new, at=now, life=self._life, at_once=at_once)
        )
        self._take(keys)
        return keys

    def knows(self, kid: str) -> bool:
        """Say whether tokens signed with the key of that name are still accepted."""
        return kid in self._public

    async def check(self) -> None:
        """Raise Unavailable while there is no key to sign with."""
        self.signing()

    def signing(self) -> tuple[str, OKPKey]:
        """Return the name of the active key, and the key."""
        if self._signing is None:
            raise Unavailable("no signing key is loaded")
        return self._signing

    async def verifying(self, kid: str) -> OKPKey | None:
        """Return the public key of a name, looking for new ones at most every few seconds."""
        known = self._public.get(kid)
        if known is None and time.monotonic() >= self._reload_after:
            self._reload_after = time.monotonic() + RELOAD_SECONDS
            await self._load()
            known = self._public.get(kid)
        return known

    def published(self) -> Sequence[Mapping[str, str]]:
        """Return the public keys as JSON Web Keys (RFC 7517, RFC 8037)."""
        return [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": str(key.as_dict(private=False)["x"]),
                "kid": kid,
                "use": "sig",
                "alg": ALGORITHM,
            }
            for kid, key in self._public.items()
        ]

    async def _load(self) -> None:
        self._take(await self._stored.all())

    def _take(self, keys: Sequence[StoredKey]) -> None:
        self._public = {one.kid: _public(one.public_key) for one in keys}
        active = [one for one in keys if one.state is KeyState.ACTIVE]
        if active and (self._signing is None or self._signing[0] != active[-1].kid):
            self._signing = (active[-1].kid, self._open(active[-1]))

    def _new(self, state: KeyState) -> StoredKey:
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        kid = _public(public).thumbprint()  # RFC 7638: the name says which key it is
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._sealing[0].encrypt(nonce, private.private_bytes_raw(), kid.encode())
        now = self._clock.now()
        return StoredKey(
            kid=kid,
            public_key=public,
            sealed_private_key=nonce + sealed,
            state=state,
            created_at=now,
            changed_at=now,
        )

    def _open(self, key: StoredKey) -> OKPKey:
        nonce, sealed = key.sealed_private_key[:NONCE_BYTES], key.sealed_private_key[NONCE_BYTES:]
        for sealing in self._sealing:
            try:
                raw = sealing.decrypt(nonce, sealed, key.kid.encode())
            except InvalidTag:
                continue
            return OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(raw))
        raise SigningKeyUnreadable(
            [f"SECRET_KEYS: none opens the signing key {key.kid}; add the one it was made with"]
        )


def _public(raw: bytes) -> OKPKey:
    return OKPKey.import_key(Ed25519PublicKey.from_public_bytes(raw))
