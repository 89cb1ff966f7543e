"""What a lying, broken or silent provider can do: nothing but keep its own people out."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import ECKey, KeySet

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.oidc import ConfiguredProviders, exchange, kept, openid
from modules.identity.domain.federated import ProofRefused, ProviderUnavailable, VisitKeys
from modules.identity.domain.providers import read_providers
from tests.identity.federation.browsers import (
    Browser,
    assert_refused,
    assert_unavailable,
    browser_of,
    landed,
    proof,
    returned,
    served,
    tokens,
)
from tests.kit.identity import MovableClock
from tests.kit.odd_provider import CLIENT_SECRET, Answer, OddProvider
from tests.kit.people import PASSWORD, People

pytestmark = pytest.mark.xdist_group("providers")


DISCOVERY = "/.well-known/openid-configuration"


async def test_an_honest_one_is_believed(visitor: Browser, odd: OddProvider) -> None:
    assert (await returned(visitor, odd)).status_code == 200
    asked = odd.asked["/token"]
    assert "code_verifier=" in asked
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fv1%2Fidentity%2Foauth%2Fodd" in asked
    basic = base64.b64encode(f"ashlar:{CLIENT_SECRET}".encode()).decode()
    assert f"Basic {basic}" in asked
    assert CLIENT_SECRET not in asked


async def test_whoever_comes_back_with_a_lie_is_refused(visitor: Browser, odd: OddProvider) -> None:
    odd.claims["aud"] = "another"
    assert_refused(await returned(visitor, odd))


async def test_a_code_the_provider_does_not_know_proves_nothing(
    visitor: Browser, odd: OddProvider
) -> None:
    odd.answers["/token"] = (400, {}, b'{"error": "invalid_grant"}')
    assert_refused(await returned(visitor, odd))
    odd.answers["/token"] = (401, {}, b'{"error": "invalid_client"}')
    assert_unavailable(await returned(visitor, odd))


async def test_new_keys_are_found_once_somebody_signs_with_them(
    gateway: ConfiguredProviders, odd: OddProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await proof(gateway, odd)).subject == "odd-1"
    monkeypatch.setattr(kept, "GAP_SECONDS", 60.0)
    odd.calls.clear()
    odd.publish(ECKey.generate_key("P-256"))
    assert (await proof(gateway, odd)).subject == "odd-1"
    assert odd.calls["/keys"] == 1
    odd.header = {"kid": "made-up"}
    for _ in range(5):
        with pytest.raises(ProofRefused):
            await proof(gateway, odd)
    assert odd.calls["/keys"] == 1  # made-up names do not make us ask again and again


GARBAGE: list[Answer] = [
    (302, {"location": "http://127.0.0.1:1/"}, b'{"access_token": "x"}'),
    (307, {"location": "/elsewhere"}, b'{"access_token": "x"}'),
    (500, {}, b"oops"),
    (200, {}, b"<html>"),
    (200, {}, b"[]"),
    (200, {}, b"null"),
    (200, {}, b"\xff\xfe"),
    (200, {}, b'{"x": "' + b"x" * (2 << 20) + b'"}'),
    (200, {"content-encoding": "gzip"}, b"{}"),
    (200, {}, b"[" * 100_000),
    (200, {}, b'{"access_token": "x", "expires_in": 1e999}'),
    (200, {}, b'{"error": ["x"]}'),
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda one: f"{one[0]}-{one[2][:9]!r}")
async def test_garbage_redirects_and_floods_are_its_own_trouble(
    gateway: ConfiguredProviders, odd: OddProvider, garbage: Answer
) -> None:
    odd.answers["/token"] = garbage
    with pytest.raises(ProviderUnavailable):
        await proof(gateway, odd)
    assert odd.calls["/elsewhere"] == 0


async def test_a_front_end_is_told_when_the_provider_fails(
    visitor: Browser, odd: OddProvider
) -> None:
    cases: list[tuple[Answer, str]] = [
        ((500, {}, b""), "identity.provider_unavailable"),
        (tokens("a.b.c"), "identity.proof_refused"),
    ]
    for answer, code in cases:
        url = await visitor.leave("odd", front=True)
        odd.answers["/token"] = answer
        back = await visitor.answer("odd", state=url.params["state"], code="a-code")
        assert landed(back) == {"error": code}


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "http://127.0.0.1:1"},
        {"issuer": "ISSUER/"},
        {"issuer": None},
        {"token_endpoint": "http://169.254.169.254/latest/meta-data"},
        {"token_endpoint": "http://127.0.0.1:22/token"},
        {"token_endpoint": "https://127.0.0.1/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": None},
        {"jwks_uri": "http://localhost/keys"},
        {"jwks_uri": ["x"]},
        {"userinfo_endpoint": "http://evil.example/"},
        {"authorization_endpoint": "http://evil.example/"},
        {"authorization_endpoint": "http://x@[::1"},
    ],
    ids=str,
)
async def test_metadata_of_another_issuer_or_with_other_hosts_is_not_used(
    odd: OddProvider, metadata: dict[str, Any]
) -> None:
    odd.be_honest()
    odd.metadata = {
        name: value.replace("ISSUER", odd.issuer) if isinstance(value, str) else value
        for name, value in metadata.items()
    }
    configured = read_providers(json.dumps({"odd": odd.settings()}))
    base = "http://127.0.0.1:8000"
    async with ConfiguredProviders(configured, base, MovableClock()) as known:
        with pytest.raises(ProviderUnavailable):
            await known.authorization_url("odd", VisitKeys("state", "nonce", "v" * 43))
    assert set(odd.calls) == {DISCOVERY}


async def test_a_provider_that_is_away_keeps_nobody_else_out(
    settings: PlatformSettings, odd: OddProvider, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd.be_honest()
    for module in (exchange, openid):
        monkeypatch.setattr(module, "CALL_SECONDS", 0.3)
    away = {**odd.settings(), "issuer": "http://127.0.0.1:9"}
    odd.stalls[DISCOVERY] = 20.0
    person = await people.register()
    known = {"odd": odd.settings(), "away": away}
    async with served(settings, known) as app, browser_of(app) as browser:
        for name in ("away", "odd", "odd"):
            began = time.monotonic()
            assert_unavailable(await browser.authorize(name))
            assert time.monotonic() - began < 15.0
        assert odd.calls[DISCOVERY] == 1  # it is left in peace for a while
        body = {"email": person.email, "password": PASSWORD}
        assert (await browser.http.post("/v1/identity/login", json=body)).status_code == 200


async def test_known_metadata_and_keys_outlast_an_outage_of_theirs(
    visitor: Browser, odd: OddProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await returned(visitor, odd)).status_code == 200
    monkeypatch.setattr(kept, "KEPT_SECONDS", -1.0)
    for path in (DISCOVERY, "/keys"):
        odd.answers[path] = (500, {}, b"")
    assert (await returned(visitor, odd)).status_code == 200


def short_modulus() -> str:
    """Return the modulus of an RSA key of 1024 bits."""
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose
    number = key.public_key().public_numbers().n
    return base64.urlsafe_b64encode(number.to_bytes(128)).rstrip(b"=").decode()


async def test_keys_that_are_none_or_too_weak_are_left_out(
    settings: PlatformSettings, odd: OddProvider, clean: None
) -> None:
    odd.be_honest()
    good = KeySet([*odd.published]).as_dict(private=False)["keys"]
    weak: list[object] = [
        {"kty": "oct", "k": "AAAA", "kid": "o"},
        {"kty": "RSA", "n": short_modulus(), "e": "AQAB", "kid": "r"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "e"},
        {"kty": "future"},
        "no key",
    ]
    odd.answers["/keys"] = (200, {}, json.dumps({"keys": [*weak, *good]}).encode())
    async with served(settings, {"odd": odd.settings()}) as app, browser_of(app) as browser:
        assert (await returned(browser, odd)).status_code == 200
    odd.answers["/keys"] = (200, {}, json.dumps({"keys": weak}).encode())
    async with served(settings, {"odd": odd.settings()}) as app, browser_of(app) as browser:
        assert_unavailable(await returned(browser, odd))


async def test_user_info_counts_only_for_the_same_person(
    settings: PlatformSettings, odd: OddProvider, clean: None
) -> None:
    odd.be_honest()
    odd.metadata = {"userinfo_endpoint": f"{odd.issuer}/me"}
    odd.claims = {"email": None, "email_verified": None}
    somebody = {"sub": "another", "email": "boss@example.com", "email_verified": True}
    async with served(settings, {"odd": odd.settings()}) as app, browser_of(app) as browser:
        odd.answers["/me"] = (200, {}, json.dumps(somebody).encode())
        assert_refused(await returned(browser, odd))
        odd.answers["/me"] = (200, {}, json.dumps({**somebody, "sub": "odd-1"}).encode())
        assert (await returned(browser, odd)).status_code == 200
        assert "authorization: bearer odd" in odd.asked["/me"].lower()
