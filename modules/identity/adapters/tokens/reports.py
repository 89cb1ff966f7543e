"""Verifies who reports leaked secrets: the protocol of GitHub's secret scanning partners."""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from shared_kernel.adapters.settings import WrongSettings

FORM = '{"public_keys": [{"key_identifier": "...", "key": "PEM of a P-256 key"}]}'
MOST_BASE64 = 200  # a signature has 72 bytes at most


class ScannerKeys:
    """The public keys of scanners, by identifier. Nothing but ECDSA on P-256 with SHA-256.

    `document` is what a scanner publishes: `{"public_keys": [{"key_identifier", "key"}, ...]}`,
    each key in PEM; empty when no reports are taken. Raises WrongSettings.
    """

    def __init__(self, document: str) -> None:
        self._keys: Mapping[str, ec.EllipticCurvePublicKey] = _read(document) if document else {}

    def accepts_reports(self) -> bool:
        """Say whether any key is configured."""
        return bool(self._keys)

    def verify(self, key_id: str, signature: str, body: bytes) -> bool:
        """Say whether the signature over the body is the named key's."""
        key = self._keys.get(key_id)
        if key is None or len(signature) > MOST_BASE64:
            return False
        try:
            key.verify(b64decode(signature, validate=True), body, ec.ECDSA(SHA256()))
        except (InvalidSignature, NotBase64, ValueError):
            return False
        return True


def _read(document: str) -> Mapping[str, ec.EllipticCurvePublicKey]:
    try:
        listed = json.loads(document)["public_keys"]
        return {str(one["key_identifier"]): _key(str(one["key"])) for one in listed}
    except (ValueError, KeyError, TypeError, UnsupportedAlgorithm):
        raise WrongSettings([f"IDENTITY_LEAK_REPORT_KEYS: is not {FORM}"]) from None


def _key(pem: str) -> ec.EllipticCurvePublicKey:
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise TypeError("no key on the curve P-256")
    return key
