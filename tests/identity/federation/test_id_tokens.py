"""What an ID token has to be: ours, of this visit, of now, and signed as configured."""

from __future__ import annotations

import base64
import hmac
import json
import time
from hashlib import sha256
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey

from modules.identity.adapters.oidc import ConfiguredProviders
from modules.identity.domain.federated import ProofRefused
from tests.identity.federation.browsers import proof, tokens
from tests.kit.odd_provider import CLIENT_SECRET, OddProvider

pytestmark = pytest.mark.xdist_group("providers")


URL = "http://127.0.0.1:1/keys"
NOW = int(time.time())
ATTACKER = ECKey.generate_key("P-256")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://127.0.0.1:1"},
        {"iss": None},
        {"iss": ["http://127.0.0.1:1"]},
        {"aud": "another"},
        {"aud": None},
        {"aud": []},
        {"aud": ["another", "third"]},
        {"aud": ["ashlar", "another"]},
        {"aud": ["ashlar", "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": 7},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "x" * 256},
        {"exp": NOW - 40},
        {"exp": None},
        {"exp": str(NOW + 300)},
        {"exp": True},
        {"iat": NOW + 300},
        {"iat": NOW - 3600},
        {"iat": None},
        {"nbf": NOW + 300},
        {"nbf": "soon"},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 10**400},
        {"iat": float("nan")},
        {"nonce": "\ud800"},
        {"sub": "\ud800"},
        {"sub": "a\x00b"},
    ],
)
async def test_claims_that_are_not_for_us_now_are_refused(
    gateway: ConfiguredProviders, odd: OddProvider, claims: dict[str, Any]
) -> None:
    odd.claims.update(claims)
    with pytest.raises(ProofRefused):
        await proof(gateway, odd)


async def test_clocks_may_differ_by_half_a_minute(
    gateway: ConfiguredProviders, odd: OddProvider
) -> None:
    for claims in ({"exp": int(time.time()) - 20}, {"iat": int(time.time()) + 20}):
        odd.claims.clear()
        odd.claims.update(claims)
        assert (await proof(gateway, odd)).subject == "odd-1"


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "None"},
        {"alg": None},
        {"jwk": ATTACKER.as_dict(private=False)},
        {"jku": URL},
        {"x5u": URL},
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": False},
        {"typ": "at+jwt"},
        {"typ": 7},
        {"kid": "another"},
        {"kid": 7},
        {"kid": "../../etc/passwd"},
    ],
)
async def test_headers_that_ask_for_more_than_a_signature_are_refused(
    gateway: ConfiguredProviders, odd: OddProvider, header: dict[str, Any]
) -> None:
    token = odd.id_token()
    _, body, signature = token.split(".")
    told = {"alg": "ES256", "kid": odd.key.kid, **header}
    shown = {name: value for name, value in told.items() if value is not None}
    head = encoded(json.dumps(shown).encode())
    for text in (f"{head}.{body}.{signature}", f"{head}.{body}."):
        odd.answers["/token"] = tokens(text)
        with pytest.raises(ProofRefused):
            await proof(gateway, odd)


async def test_a_good_signature_does_not_make_up_for_a_header_that_asks_for_more(
    gateway: ConfiguredProviders, odd: OddProvider
) -> None:
    for header in ({"typ": "at+jwt"}, {"typ": "JWE"}, {"jku": URL}, {"x5u": URL}, {"b64": True}):
        odd.header = {**header}
        with pytest.raises(ProofRefused):
            await proof(gateway, odd)
    for header in ({"typ": "JWT"}, {"typ": "jwt"}, {"x5t": "AAAA"}, {"vendor": "acme"}):
        odd.header = {**header}
        assert (await proof(gateway, odd)).subject == "odd-1"


async def test_a_signature_by_a_shared_secret_or_another_key_is_refused(
    gateway: ConfiguredProviders, odd: OddProvider
) -> None:
    kid = str(odd.key.kid)
    shared = [
        CLIENT_SECRET.encode(),
        *(odd.published[0].as_bytes(form) for form in ("PEM", "DER")),
    ]
    for secret in shared:
        odd.answers["/token"] = tokens(signed_by_secret(odd, secret))
        with pytest.raises(ProofRefused):
            await proof(gateway, odd)
    odd.answers.clear()
    odd.key = ATTACKER
    for header in ({"kid": kid}, {"kid": kid, "jwk": ATTACKER.as_dict(private=False)}):
        odd.header = {**header}
        with pytest.raises(ProofRefused):
            await proof(gateway, odd)


def signed_by_secret(odd: OddProvider, secret: bytes) -> str:
    """Return an ID token under HS256, as if the secret were one both sides know (RFC 8725, 2.1)."""
    _, body, _ = odd.id_token().split(".")
    header = json.dumps({"alg": "HS256", "kid": odd.key.kid}).encode()
    signed = f"{encoded(header)}.{body}"
    return f"{signed}.{encoded(hmac.new(secret, signed.encode(), sha256).digest())}"


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def test_only_configured_algorithms_count_whatever_the_metadata_says(
    gateway: ConfiguredProviders, odd: OddProvider
) -> None:
    with pytest.raises(ProofRefused):
        await proof(gateway, odd, "narrow")
    odd.publish(OKPKey.generate_key("Ed25519"))
    odd.header = {"alg": "Ed25519"}
    assert (await proof(gateway, odd, "narrow")).subject == "odd-1"


@pytest.mark.parametrize("text", [None, 7, "", "x", "a.b.c", "a.b.c.d.e", "x" * 70_000, "\u00e9.."])
async def test_what_is_no_id_token_is_refused(
    gateway: ConfiguredProviders, odd: OddProvider, text: object
) -> None:
    odd.answers["/token"] = tokens(text)
    with pytest.raises(ProofRefused):
        await proof(gateway, odd)


async def test_the_id_token_is_not_optional(gateway: ConfiguredProviders, odd: OddProvider) -> None:
    flaws: list[dict[str, object]] = [{}, {"expires_in": []}, {"id_token": None}, {"scope": 7}]
    for more in flaws:
        body = {"access_token": "odd", "token_type": "Bearer", **more}
        odd.answers["/token"] = (200, {}, json.dumps(body).encode())
        with pytest.raises(ProofRefused):
            await proof(gateway, odd)
