"""What a lying, broken or silent provider can do: nothing but keep its own people out."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import AsyncGenerator
from hashlib import sha256
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from joserfc.jwk import ECKey, KeySet, OKPKey

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.oidc import ConfiguredProviders, kept, outbound
from modules.identity.domain.federated import ProviderUnavailable, VisitKeys
from modules.identity.domain.providers import read_providers
from tests.identity.providers import Browser, browser_of, landed, served
from tests.kit.cluster import TestDatabase
from tests.kit.identity import MovableClock
from tests.kit.odd_provider import CLIENT_SECRET, Answer, OddProvider, odd_provider
from tests.kit.people import PASSWORD, People
from tests.kit.running import cleanup_statement

pytestmark = pytest.mark.xdist_group("providers")

DISCOVERY = "/.well-known/openid-configuration"
URL = "http://127.0.0.1:1/keys"
NOW = int(time.time())
ATTACKER = ECKey.generate_key("P-256")


@pytest_asyncio.fixture(scope="module")
async def odd() -> AsyncGenerator[OddProvider]:
    async with odd_provider() as started:
        yield started


@pytest_asyncio.fixture(scope="module")
async def site(
    settings: PlatformSettings, odd: OddProvider, database: TestDatabase
) -> AsyncGenerator[FastAPI]:
    narrow = odd.settings(algorithms=["Ed25519"])
    async with served(settings, {"odd": odd.settings(), "narrow": narrow}) as app:
        yield app
    connection = await asyncpg.connect(database.owner_url)  # once: refusals leave nothing behind
    try:
        await connection.execute(cleanup_statement())
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def browser(
    site: FastAPI, odd: OddProvider, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[Browser]:
    odd.be_honest()
    monkeypatch.setattr(kept, "GAP_SECONDS", 0.0)
    async with browser_of(site) as opened:
        yield opened


async def returned(browser: Browser, odd: OddProvider, name: str = "odd") -> httpx2.Response:
    """Go to the provider and come back at once, with a code that it takes."""
    url = await browser.leave(name)
    odd.nonce = url.params["nonce"]
    return await browser.answer(name, state=url.params["state"], code="a-code")


def assert_refused(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (403, "identity.proof_refused")
    assert "odd@example.com" not in answer.text


def assert_unavailable(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.json()["code"]) == (503, "identity.provider_unavailable")
    assert int(answer.headers["retry-after"]) > 0


async def test_an_honest_one_is_believed(browser: Browser, odd: OddProvider) -> None:
    assert (await returned(browser, odd)).status_code == 200
    asked = odd.asked["/token"]
    assert "code_verifier=" in asked
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fv1%2Fidentity%2Foauth%2Fodd" in asked
    basic = base64.b64encode(f"ashlar:{CLIENT_SECRET}".encode()).decode()
    assert f"Basic {basic}" in asked
    assert CLIENT_SECRET not in asked


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
    ],
    ids=str,
)
async def test_claims_that_are_not_for_us_now_are_refused(
    browser: Browser, odd: OddProvider, claims: dict[str, Any]
) -> None:
    odd.claims.update(claims)
    assert_refused(await returned(browser, odd))


async def test_clocks_may_differ_by_half_a_minute(browser: Browser, odd: OddProvider) -> None:
    for claims in ({"exp": int(time.time()) - 20}, {"iat": int(time.time()) + 20}):
        odd.claims.clear()
        odd.claims.update(claims)
        assert (await returned(browser, odd)).status_code == 200


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
    ids=str,
)
async def test_headers_that_ask_for_more_than_a_signature_are_refused(
    browser: Browser, odd: OddProvider, header: dict[str, Any]
) -> None:
    token = odd.id_token()
    _, body, signature = token.split(".")
    told = {"alg": "ES256", "kid": odd.key.kid, **header}
    shown = {name: value for name, value in told.items() if value is not None}
    head = encoded(json.dumps(shown).encode())
    for text in (f"{head}.{body}.{signature}", f"{head}.{body}."):
        odd.answers["/token"] = tokens(text)
        assert_refused(await returned(browser, odd))


async def test_a_good_signature_does_not_make_up_for_a_header_that_asks_for_more(
    browser: Browser, odd: OddProvider
) -> None:
    for header in ({"typ": "at+jwt"}, {"typ": "JWE"}, {"jku": URL}, {"x5u": URL}, {"b64": True}):
        odd.header = {**header}
        assert_refused(await returned(browser, odd))
    for header in ({"typ": "JWT"}, {"typ": "jwt"}, {"x5t": "AAAA"}, {"vendor": "acme"}):
        odd.header = {**header}
        assert (await returned(browser, odd)).status_code == 200


async def test_a_signature_by_a_shared_secret_or_another_key_is_refused(
    browser: Browser, odd: OddProvider
) -> None:
    kid = str(odd.key.kid)
    secrets = [
        CLIENT_SECRET.encode(),
        *(odd.published[0].as_bytes(form) for form in ("PEM", "DER")),
    ]
    for secret in secrets:
        url = await browser.leave("odd")
        odd.nonce = url.params["nonce"]
        odd.answers["/token"] = tokens(signed_by_secret(odd, secret))
        assert_refused(await browser.answer("odd", state=url.params["state"], code="a-code"))
    odd.answers.clear()
    odd.key = ATTACKER
    for header in ({"kid": kid}, {"kid": kid, "jwk": ATTACKER.as_dict(private=False)}):
        odd.header = {**header}
        assert_refused(await returned(browser, odd))


def signed_by_secret(odd: OddProvider, secret: bytes) -> str:
    """Return an ID token under HS256, as if the secret were one both sides know (RFC 8725, 2.1)."""
    _, body, _ = odd.id_token().split(".")
    header = json.dumps({"alg": "HS256", "kid": odd.key.kid}).encode()
    signed = f"{encoded(header)}.{body}"
    return f"{signed}.{encoded(hmac.new(secret, signed.encode(), sha256).digest())}"


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


async def test_only_configured_algorithms_count_whatever_the_metadata_says(
    browser: Browser, odd: OddProvider
) -> None:
    assert_refused(await returned(browser, odd, "narrow"))
    odd.publish(OKPKey.generate_key("Ed25519"))
    odd.header = {"alg": "Ed25519"}
    answer = await returned(browser, odd, "narrow")
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("text", [None, 7, "", "x", "a.b.c", "a.b.c.d.e", "x" * 70_000, "\u00e9.."])
async def test_what_is_no_id_token_is_refused(
    browser: Browser, odd: OddProvider, text: object
) -> None:
    odd.answers["/token"] = tokens(text)
    assert_refused(await returned(browser, odd))


async def test_the_id_token_is_not_optional(browser: Browser, odd: OddProvider) -> None:
    body = {"access_token": "odd", "token_type": "Bearer"}
    odd.answers["/token"] = (200, {}, json.dumps(body).encode())
    assert_refused(await returned(browser, odd))


async def test_a_code_the_provider_does_not_know_proves_nothing(
    browser: Browser, odd: OddProvider
) -> None:
    odd.answers["/token"] = (400, {}, b'{"error": "invalid_grant"}')
    assert_refused(await returned(browser, odd))
    odd.answers["/token"] = (401, {}, b'{"error": "invalid_client"}')
    assert_unavailable(await returned(browser, odd))


async def test_new_keys_are_found_once_somebody_signs_with_them(
    browser: Browser, odd: OddProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await returned(browser, odd)).status_code == 200
    monkeypatch.setattr(kept, "GAP_SECONDS", 60.0)
    odd.calls.clear()
    odd.publish(ECKey.generate_key("P-256"))
    assert (await returned(browser, odd)).status_code == 200
    assert odd.calls["/keys"] == 1
    odd.header = {"kid": "made-up"}
    for _ in range(5):
        assert_refused(await returned(browser, odd))
    assert odd.calls["/keys"] == 1  # made-up names do not make us ask again and again


GARBAGE: list[Answer] = [
    (302, {"location": "http://127.0.0.1:1/"}, b""),
    (307, {"location": "/elsewhere"}, b""),
    (500, {}, b"oops"),
    (200, {}, b"<html>"),
    (200, {}, b"[]"),
    (200, {}, b"null"),
    (200, {}, b"\xff\xfe"),
    (200, {}, b'{"x": "' + b"x" * (2 << 20) + b'"}'),
    (200, {"content-encoding": "gzip"}, b"\x1f\x8b"),
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda one: f"{one[0]}-{one[2][:9]!r}")
async def test_garbage_redirects_and_floods_are_its_own_trouble(
    browser: Browser, odd: OddProvider, garbage: Answer
) -> None:
    odd.answers["/token"] = garbage
    assert_unavailable(await returned(browser, odd))
    assert odd.calls["/elsewhere"] == 0


async def test_a_front_end_is_told_when_the_provider_fails(
    browser: Browser, odd: OddProvider
) -> None:
    cases: list[tuple[Answer, str]] = [
        ((500, {}, b""), "identity.provider_unavailable"),
        (tokens("a.b.c"), "identity.proof_refused"),
    ]
    for answer, code in cases:
        url = await browser.leave("odd", front=True)
        odd.answers["/token"] = answer
        back = await browser.answer("odd", state=url.params["state"], code="a-code")
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
    known = read_providers(json.dumps({"odd": odd.settings()}))
    async with ConfiguredProviders(known, "http://127.0.0.1:8000", MovableClock()) as providers:
        with pytest.raises(ProviderUnavailable):
            await providers.authorization_url("odd", VisitKeys("state", "nonce", "v" * 43))
    assert set(odd.calls) == {DISCOVERY}


async def test_a_provider_that_is_away_keeps_nobody_else_out(
    settings: PlatformSettings, odd: OddProvider, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd.be_honest()
    monkeypatch.setattr(outbound, "TOTAL_SECONDS", 0.3)
    away = {**odd.settings(), "issuer": "http://127.0.0.1:9"}
    odd.stalls[DISCOVERY] = 5.0
    person = await people.register()
    known = {"odd": odd.settings(), "away": away}
    async with served(settings, known) as app, browser_of(app) as browser:
        for name in ("away", "odd", "odd"):
            began = time.monotonic()
            assert_unavailable(await browser.authorize(name))
            assert time.monotonic() - began < 3.0
        assert odd.calls[DISCOVERY] == 1  # it is left in peace for a while
        body = {"email": person.email, "password": PASSWORD}
        assert (await browser.http.post("/v1/identity/login", json=body)).status_code == 200


async def test_known_metadata_and_keys_outlast_an_outage_of_theirs(
    browser: Browser, odd: OddProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await returned(browser, odd)).status_code == 200
    monkeypatch.setattr(kept, "KEPT_SECONDS", -1.0)
    for path in (DISCOVERY, "/keys"):
        odd.answers[path] = (500, {}, b"")
    assert (await returned(browser, odd)).status_code == 200


async def test_keys_that_are_none_or_too_weak_are_left_out(
    settings: PlatformSettings, odd: OddProvider, clean: None
) -> None:
    odd.be_honest()
    good = KeySet([*odd.published]).as_dict(private=False)["keys"]
    weak: list[object] = [
        {"kty": "oct", "k": "AAAA", "kid": "o"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "r"},
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


def tokens(id_token: object) -> Answer:
    body = {"access_token": "odd", "token_type": "Bearer", "id_token": id_token}
    return 200, {"content-type": "application/json"}, json.dumps(body).encode()


GITHUB = "/login/oauth/access_token"
USER, EMAILS = "/api/v3/user", "/api/v3/user/emails"


def github_answers(odd: OddProvider, user: object, emails: object) -> None:
    token = {"access_token": "gho_odd", "token_type": "bearer", "scope": "user:email"}
    for path, document in ((GITHUB, token), (USER, user), (EMAILS, emails)):
        odd.answers[path] = (200, {}, json.dumps(document).encode())


async def test_github_is_known_by_the_number_of_the_user(
    settings: PlatformSettings, odd: OddProvider, clean: None
) -> None:
    odd.be_honest()
    addresses = [
        {"email": "old@example.com", "primary": False, "verified": True},
        {"email": "octo@example.com", "primary": True, "verified": True},
    ]
    async with served(settings, {"github": odd.settings()}) as app, browser_of(app) as browser:
        ids: set[str] = set()
        for login in ("octocat", "renamed"):
            github_answers(odd, {"id": 583231, "login": login}, addresses)
            answer = await returned_from_github(browser)
            assert answer.status_code == 200, answer.text
            headers = {"authorization": f"Bearer {answer.json()['access_token']}"}
            me = (await browser.http.get("/v1/identity/me", headers=headers)).json()
            ids.add(me["id"])
            assert me["email"] == "octo@example.com"
        assert len(ids) == 1
        assert "code_verifier=" in odd.asked[GITHUB]
        assert "client_secret=" in odd.asked[GITHUB]


@pytest.mark.parametrize(
    ("user", "emails", "code"),
    [
        ({"id": "583231"}, [], "identity.proof_refused"),
        ({"id": True}, [], "identity.proof_refused"),
        ({}, [], "identity.proof_refused"),
        ([], [], "identity.provider_unavailable"),
        ({"id": 1}, ["x"], "identity.provider_unavailable"),
        ({"id": 1}, {"message": "no"}, "identity.address_not_vouched_for"),
        (
            {"id": 1, "email": "boss@example.com"},
            [{"email": "boss@example.com", "primary": True, "verified": False}],
            "identity.address_not_vouched_for",
        ),
    ],
)
async def test_github_has_to_say_who_it_is_and_that_the_address_is_verified(
    settings: PlatformSettings,
    odd: OddProvider,
    clean: None,
    *,
    user: object,
    emails: object,
    code: str,
) -> None:
    odd.be_honest()
    github_answers(odd, user, emails)
    async with served(settings, {"github": odd.settings()}) as app, browser_of(app) as browser:
        assert (await returned_from_github(browser)).json()["code"] == code


async def test_github_answers_errors_with_200(
    settings: PlatformSettings, odd: OddProvider, clean: None
) -> None:
    odd.be_honest()
    odd.answers[GITHUB] = (200, {}, b'{"error": "bad_verification_code"}')
    async with served(settings, {"github": odd.settings()}) as app, browser_of(app) as browser:
        assert_refused(await returned_from_github(browser))
        url = await browser.leave("github")
        query = {"state": url.params["state"], "code": "x", "iss": "http://127.0.0.1:1"}
        calls = odd.calls[GITHUB]
        assert_refused(await browser.answer("github", **query))
        assert odd.calls[GITHUB] == calls


async def returned_from_github(browser: Browser) -> httpx2.Response:
    url = await browser.leave("github")
    assert url.path == "/login/oauth/authorize"
    assert url.params["code_challenge_method"] == "S256"
    assert url.params["scope"] == "user:email"
    return await browser.answer("github", state=url.params["state"], code="a-code")
