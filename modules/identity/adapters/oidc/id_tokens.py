"""ID tokens, read as OpenID Connect Core 1.0 (3.1.3.7) and RFC 8725 say."""

from __future__ import annotations

import hmac
import warnings
from collections.abc import Collection, Mapping
from typing import Any, cast

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError, SecurityWarning
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, extract_compact

from modules.identity.adapters.oidc.metadata import members
from modules.identity.domain.federated import ProofRefused
from modules.identity.domain.providers import Provider

LEEWAY_SECONDS = 30
OLDEST_SECONDS = 600  # it was issued for the code of a moment ago
MAX_LENGTH = 65_536
MAX_SUBJECT = 255
LATEST = 1e11  # seconds since 1970, in the year 5138
FEWEST_RSA_BITS = 2048  # what the large providers use
FOREIGN = frozenset({"jwk", "jku", "x5u", "crit", "b64"})
"""Headers that bring a key of their own, or ask for what is not done here."""

PublicKey = RSAKey | ECKey | OKPKey

KINDS: Mapping[str, type[PublicKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


class KeyNotKnown(Exception):
    """The token names a key that is not among those fetched so far."""


def read_keys(document: object) -> KeySet:
    """Return the public keys of a JSON Web Key Set that may verify. Raises ValueError."""
    listed = members(document).get("keys")
    if not isinstance(listed, list):
        raise ValueError("no key set")  # noqa: TRY004 - garbage from outside
    found = [key for one in cast("list[object]", listed) if (key := _key(one)) is not None]
    if not found:
        raise ValueError("no key that can be used")
    return KeySet([*found])


def verified(
    text: object, keys: KeySet, provider: Provider, nonce: str, *, now: float
) -> Mapping[str, Any]:
    """Return the claims of an ID token that was issued for us, for this visit, a moment ago.

    Raises ProofRefused, and KeyNotKnown when newer keys may help.
    """
    if not isinstance(text, str) or len(text) > MAX_LENGTH:
        raise refused("no ID token")
    _check_header(text, provider.algorithms)
    claims = _decoded(text, keys, provider.algorithms)
    _check_parties(claims, provider)
    _check_times(claims, now)
    if not _is_same(claims.get("nonce"), nonce):
        raise refused("nonce")
    return claims


def refused(_what: str) -> ProofRefused:
    """Return the one answer to every flaw: `_what` is for who reads the code."""
    return ProofRefused("what the provider sent does not prove who you are")


def _key(document: object) -> PublicKey | None:
    """Return one key; None for those that are no business of a verifier, or too weak."""
    try:
        found = members(document)
        kind = KINDS.get(str(found.get("kty")))
        if kind is None or found.get("use", "sig") != "sig":
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # of weak keys, dropped below
            key = kind.import_key(dict(found))
    except (JoseError, ValueError, TypeError):
        return None
    if isinstance(key, RSAKey) and key.public_key.key_size < FEWEST_RSA_BITS:
        return None
    return key


def _check_header(text: str, algorithms: Collection[str]) -> None:
    """Refuse by the header alone what no key could make right."""
    try:
        header = extract_compact(text.encode()).headers()
    except (JoseError, ValueError):
        raise refused("no compact token") from None
    kind = header.get("typ", "JWT")
    if header.get("alg") not in algorithms or FOREIGN & header.keys():
        raise refused("header")
    if not isinstance(kind, str) or kind.upper() != "JWT":
        raise refused("a token of another kind")


def _decoded(text: str, keys: KeySet, algorithms: Collection[str]) -> Mapping[str, Any]:
    registry = JWSRegistry(algorithms=[*algorithms], strict_check_header=False)
    try:
        with warnings.catch_warnings():
            # EdDSA is an older name of Ed25519, which providers still use.
            warnings.simplefilter("ignore", SecurityWarning)
            return jwt.decode(text, keys, [*algorithms], registry).claims
    except InvalidKeyIdError:
        raise KeyNotKnown from None
    except (JoseError, ValueError, TypeError, RecursionError):
        raise refused("signature") from None


def _check_parties(claims: Mapping[str, Any], provider: Provider) -> None:
    audience, party, subject = claims.get("aud"), claims.get("azp"), claims.get("sub")
    audiences = cast("list[object]", audience) if isinstance(audience, list) else [audience]
    if claims.get("iss") != provider.issuer or provider.client_id not in audiences:
        raise refused("issuer or audience")
    if party != provider.client_id and (party is not None or len(audiences) > 1):
        raise refused("authorized party")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise refused("subject")
    if not subject.isprintable():
        raise refused("subject")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    begins = _time(claims, "nbf") if "nbf" in claims else issued
    if now >= expires + LEEWAY_SECONDS or now < max(issued, begins) - LEEWAY_SECONDS:
        raise refused("expired or not begun")
    if now > issued + OLDEST_SECONDS + LEEWAY_SECONDS:
        raise refused("too old")


def _time(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if type(value) not in {int, float}:  # a bool is an int, too
        raise refused("no time")
    number = cast("float", value)
    if not 0 < number < LATEST:  # JSON as Python reads it has NaN and integers of any size
        raise refused("no time")
    return float(number)


def _is_same(value: object, expected: str) -> bool:
    if not isinstance(value, str) or not value.isascii():
        return False
    return hmac.compare_digest(value, expected)
