"""A passkey in software: makes credentials and signs with them, as a device would."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, cast
from uuid import UUID, uuid4

import asyncpg
import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from tests.kit.cluster import TestDatabase

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40
ORIGIN = "http://localhost:8000"

Json = dict[str, Any]


def b64(raw: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    """Return what base64url stands for."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftwarePasskey:
    """One credential, for whatever page asks. Everything it says can be changed.

    flags   of its authenticator data: the user was there, and was verified
    step    how much its count grows with each use
    said    members of the client data that are not as a browser writes them
    """

    origin: str = ORIGIN
    flags: int = PRESENT | VERIFIED
    step: int = 1
    count: int = 0
    rp_id: str | None = None
    said: Json = field(default_factory=dict[str, Any])
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    user_handle: bytes | None = None
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: Json) -> Json:
        """Answer `navigator.credentials.create`."""
        self.user_handle = raw(options["user"]["id"])
        self.rp_id = self.rp_id or options["rp"]["id"]
        client_data = self._client_data("webauthn.create", options["challenge"])
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id
        authenticator_data = self._authenticator_data(ATTESTED) + attested + self.public_key()
        attestation: Json = {"fmt": "none", "attStmt": {}, "authData": authenticator_data}
        return self._answer(
            clientDataJSON=b64(client_data),
            attestationObject=b64(cbor2.dumps(attestation)),
            transports=["internal", "hybrid", "from-the-future"],
        )

    def get(self, options: Json) -> Json:
        """Answer `navigator.credentials.get`."""
        client_data = self._client_data("webauthn.get", options["challenge"])
        self.count += self.step
        authenticator_data = self._authenticator_data(0)
        signature = self.sign(authenticator_data + sha256(client_data).digest())
        handle = {} if self.user_handle is None else {"userHandle": b64(self.user_handle)}
        return self._answer(
            clientDataJSON=b64(client_data),
            authenticatorData=b64(authenticator_data),
            signature=b64(signature),
            **handle,
        )

    def sign(self, data: bytes) -> bytes:
        """Return a signature (ES256)."""
        return cast("bytes", self.key.sign(data, ec.ECDSA(hashes.SHA256())))

    def public_key(self) -> bytes:
        """Return the key as COSE writes it (RFC 9053)."""
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps({**said, **self.said}).encode()

    def _authenticator_data(self, more: int) -> bytes:
        rp_id = sha256((self.rp_id or "localhost").encode()).digest()
        return rp_id + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _answer(self, **response: object) -> Json:
        return {
            "id": b64(self.credential_id),
            "rawId": b64(self.credential_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }


@dataclass
class EdwardsPasskey(SoftwarePasskey):
    """One that signs with Ed25519."""

    key: Any = field(default_factory=ed25519.Ed25519PrivateKey.generate)

    def sign(self, data: bytes) -> bytes:
        return cast("bytes", self.key.sign(data))

    def public_key(self) -> bytes:
        x = self.key.public_key().public_bytes_raw()
        return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: x})


@dataclass
class RsaPasskey(SoftwarePasskey):
    """One that signs with RSA (RS256)."""

    key: Any = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def sign(self, data: bytes) -> bytes:
        return cast("bytes", self.key.sign(data, padding.PKCS1v15(), hashes.SHA256()))

    def public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: b"\1\0\1"})


A_PASSKEY = """
    insert into identity.passkeys (id, version, account_id, name, credential_id, public_key,
        sign_count, transports, aaguid, backup_eligible, backed_up, added_at)
    values ($1, 1, $2, 'a phone', $3, 'any', 0, '{}', $1, false, false, now())
"""


async def a_passkey(database: TestDatabase, account_id: UUID) -> UUID:
    """Give somebody a passkey, which no plain request can. Nobody can sign in with it."""
    connection, passkey_id = await asyncpg.connect(database.owner_url), uuid4()
    try:
        await connection.execute(A_PASSKEY, passkey_id, account_id, os.urandom(32))
    finally:
        await connection.close()
    return passkey_id
