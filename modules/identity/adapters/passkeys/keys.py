"""Which public keys of passkeys are good enough."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography
from webauthn.helpers.cose import COSEAlgorithmIdentifier

from modules.identity.domain.passkey import refused

ES256 = COSEAlgorithmIdentifier.ECDSA_SHA_256
EDDSA = COSEAlgorithmIdentifier.EDDSA
RS256 = COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256

ALGORITHMS = (ES256, EDDSA, RS256)
"""In the order that we like them. Old Windows machines know the last one only."""

RSA_BITS = range(2048, 4096 + 1)
LARGEST_EXPONENT = 2**32  # verifying takes longer with every bit of it


def require_usable(public_key: bytes) -> None:
    """Refuse a key that is none of its algorithm's, is off its curve, too short, or too slow."""
    decoded = decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)
    if isinstance(key, EllipticCurvePublicKey):
        good = decoded.alg == ES256 and isinstance(key.curve, SECP256R1)
    elif isinstance(key, Ed25519PublicKey):
        good = decoded.alg == EDDSA
    else:
        good = decoded.alg == RS256 and isinstance(key, RSAPublicKey) and _is_usable_rsa(key)
    if not good:
        raise refused()


def _is_usable_rsa(key: RSAPublicKey) -> bool:
    return key.key_size in RSA_BITS and key.public_numbers().e < LARGEST_EXPONENT
