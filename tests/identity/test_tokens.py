"""Access tokens under attack: whatever is not exactly one of ours is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI

from modules.identity.adapters.tokens import KeyRing
from modules.identity.adapters.tokens.keys import SigningKeyUnreadable
from shared_kernel.adapters.secrets import SecretKeys
from shared_kernel.module import Services
from tests.kit.identity import MovableClock
from tests.kit.identity_keys import LIFE, SigningKeysInMemory
from tests.kit.people import People, Person

ME, REFRESH = "/v1/identity/me", "/v1/identity/refresh"


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return read


def part(value: object) -> str:
    return encoded(json.dumps(value).encode())


def access_token(person: Person) -> str:
    return str(person.http.headers["authorization"]).removeprefix("Bearer ")


def ours(app: FastAPI) -> Ed25519PrivateKey:
    """Return the application's signing key: what no attacker has."""
    services: Services = app.state.services
    key = services.get(KeyRing).signing()[1].private_key
    assert isinstance(key, Ed25519PrivateKey)
    return key


def signed(key: Ed25519PrivateKey, header: object, claims: object) -> str:
    body = f"{part(header)}.{part(claims)}"
    return f"{body}.{encoded(key.sign(body.encode()))}"


async def assert_refused(client: httpx2.AsyncClient, token: str) -> None:
    answer = await client.get(ME, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "identity.access_token_refused"


@pytest.fixture
async def genuine(people: People) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and claims of a token that is accepted."""
    header, claims, _ = access_token(await people.register()).split(".")
    return decoded(header), decoded(claims)


async def test_a_token_says_what_rfc_9068_wants(
    genuine: tuple[dict[str, Any], dict[str, Any]], client: httpx2.AsyncClient, app: FastAPI
) -> None:
    header, claims = genuine
    assert header == {"typ": "at+jwt", "alg": "Ed25519", "kid": header["kid"]}
    who = {"iss", "aud", "sub", "sid", "jti", "client_id", "amr", "email_verified"}
    assert set(claims) == {*who, "iat", "nbf", "exp", "auth_time"}
    assert claims["exp"] - claims["iat"] == 600
    again = signed(ours(app), header, claims)  # the tests below change one thing of this
    answer = await client.get(ME, headers={"authorization": f"Bearer {again}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "none"},
        {"alg": "EdDSA"},
        {"alg": "HS256"},
        {"alg": ["Ed25519"]},
        {"typ": "JWT"},
        {"typ": "rt+jwt"},
        {"typ": None},
        {"kid": "another"},
        {"kid": None},
        {"kid": 1},
        {"kid": ["x"]},
        {"kid": "../../etc/passwd"},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AAAA"]},
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False, "crit": ["b64"]},
        {"cty": "JWT"},
        {"zip": "DEF"},
    ],
)
async def test_a_header_that_differs_in_anything_is_refused_however_well_signed(
    change: Mapping[str, object],
    genuine: tuple[dict[str, Any], dict[str, Any]],
    client: httpx2.AsyncClient,
    app: FastAPI,
) -> None:
    header, claims = genuine
    await assert_refused(client, signed(ours(app), {**header, **change}, claims))


NOW = datetime.now(UTC).timestamp()


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"iss": ["http://127.0.0.1:8000"]},
        {"aud": "another"},
        {"aud": ["ashlar"]},
        {"aud": ["ashlar", "another"]},
        {"sub": "not-a-uuid"},
        {"sub": None},
        {"sid": None},
        {"sid": str(uuid4())[:-1]},
        {"jti": None},
        {"client_id": 7},
        {"exp": int(NOW) - 1},
        {"exp": str(int(NOW) + 500)},
        {"exp": NOW + 500.5},
        {"exp": True},
        {"exp": None},
        {"iat": str(int(NOW))},
        {"iat": NOW},
        {"iat": int(NOW) + 50_000},
        {"nbf": int(NOW) + 50_000},
        {"nbf": None},
        {"nbf": float(int(NOW))},
    ],
)
async def test_claims_that_are_wrong_are_refused_however_well_signed(
    change: Mapping[str, object],
    genuine: tuple[dict[str, Any], dict[str, Any]],
    client: httpx2.AsyncClient,
    app: FastAPI,
) -> None:
    header, claims = genuine
    await assert_refused(client, signed(ours(app), header, {**claims, **change}))
    missing = {name: value for name, value in claims.items() if name not in change}
    await assert_refused(client, signed(ours(app), header, missing))


async def test_claims_that_are_no_object_are_refused(
    genuine: tuple[dict[str, Any], dict[str, Any]], client: httpx2.AsyncClient, app: FastAPI
) -> None:
    for claims in ([], "text", None, 1, [genuine[1]]):
        await assert_refused(client, signed(ours(app), genuine[0], claims))


async def test_a_token_nobody_signed_or_somebody_else_signed_is_refused(
    genuine: tuple[dict[str, Any], dict[str, Any]], client: httpx2.AsyncClient, app: FastAPI
) -> None:
    header, claims = genuine
    body = f"{part(header)}.{part(claims)}"
    unsigned = f"{part({**header, 'alg': 'none'})}.{part(claims)}."
    stranger = Ed25519PrivateKey.generate()
    own = {"kty": "OKP", "crv": "Ed25519", "x": encoded(stranger.public_key().public_bytes_raw())}
    for token in (
        unsigned,
        f"{body}.",
        body,
        signed(stranger, header, claims),
        signed(stranger, {**header, "jwk": own}, claims),
        signed(stranger, {"alg": "Ed25519", "typ": "at+jwt", "jwk": own}, claims),
    ):
        await assert_refused(client, token)


async def test_the_public_key_is_no_shared_secret(
    genuine: tuple[dict[str, Any], dict[str, Any]], client: httpx2.AsyncClient, app: FastAPI
) -> None:
    header, claims = {**genuine[0], "alg": "HS256"}, genuine[1]
    public = ours(app).public_key()
    body = f"{part(header)}.{part(claims)}"
    for secret in (
        public.public_bytes_raw(),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    ):
        forged = hmac.new(secret, body.encode(), hashlib.sha256).digest()
        await assert_refused(client, f"{body}.{encoded(forged)}")


async def test_a_token_that_was_tampered_with_is_refused(
    people: People, client: httpx2.AsyncClient
) -> None:
    person, other = await people.register(), await people.register()
    header, claims, signature = access_token(person).split(".")
    theirs = {**decoded(claims), "sub": str(other.id)}
    for token in (
        f"{header}.{part(theirs)}.{signature}",
        f"{header}.{claims}.{access_token(other).split('.')[2]}",
        f"{header}.{claims}.{signature[:-4]}AAAA",
        f"{header}.{claims}.{signature}.{signature}",
        access_token(person) + "x" * 8000,
    ):
        await assert_refused(client, token)
    assert (await person.http.get(ME)).status_code == 200


async def test_no_kind_of_token_passes_for_another(
    people: People, client: httpx2.AsyncClient
) -> None:
    person = await people.register()
    await assert_refused(client, person.refresh_token)
    answer = await client.post(REFRESH, json={"refresh_token": access_token(person)})
    assert (answer.status_code, answer.json()["code"]) == (401, "identity.refresh_token_refused")
    assert (await person.http.get(ME)).status_code == 200


async def test_a_token_in_the_wrong_place_is_refused(
    people: People, client: httpx2.AsyncClient
) -> None:
    token = access_token(await people.register())
    for header in (token, f"Token {token}", f"Basic {token}", f"Bearer  {token}", "Bearer"):
        answer = await client.get(ME, headers={"authorization": header})
        assert answer.status_code == 401
    assert (await client.get(f"{ME}?access_token={token}")).status_code == 401
    assert (await client.get(ME, headers={"cookie": f"access_token={token}"})).status_code == 401


OLD, NEW = b"the old secret key, 32 bytes long", b"the new secret key, 32 bytes long"


async def test_processes_that_start_later_sign_with_the_key_of_the_first() -> None:
    stored = SigningKeysInMemory()
    rings = [KeyRing(stored, SecretKeys([OLD]), MovableClock(), LIFE) for _ in range(3)]
    names = [(await ring.__aenter__()).signing()[0] for ring in rings]
    assert len(set(names)) == 1
    assert len(stored.keys) == 2


async def test_the_signing_key_is_opened_by_any_secret_key_and_by_no_other() -> None:
    stored = SigningKeysInMemory()
    first = await KeyRing(stored, SecretKeys([OLD]), MovableClock(), LIFE).__aenter__()
    second = await KeyRing(stored, SecretKeys([NEW, OLD]), MovableClock(), LIFE).__aenter__()
    assert first.signing()[0] == second.signing()[0]
    with pytest.raises(SigningKeyUnreadable) as refused:
        await KeyRing(stored, SecretKeys([NEW]), MovableClock(), LIFE).__aenter__()
    assert "SECRET_KEYS" in str(refused.value)
    private = first.signing()[1].private_key
    assert isinstance(private, Ed25519PrivateKey)
    assert private.private_bytes_raw() not in stored.keys[0].sealed_private_key


async def test_names_of_unknown_keys_do_not_cost_a_query_each() -> None:
    stored = SigningKeysInMemory()
    ring = await KeyRing(stored, SecretKeys([OLD]), MovableClock(), LIFE).__aenter__()
    before = stored.reads
    for number in range(50):
        assert await ring.verifying(f"unknown-{number}") is None
    assert stored.reads == before + 1


async def test_a_key_made_elsewhere_meanwhile_is_found() -> None:
    here, elsewhere = SigningKeysInMemory(), SigningKeysInMemory()
    ring = await KeyRing(here, SecretKeys([OLD]), MovableClock(), LIFE).__aenter__()
    later = MovableClock()
    later.move(timedelta(days=1))
    made = await KeyRing(elsewhere, SecretKeys([OLD]), later, LIFE).__aenter__()
    here.keys.extend(elsewhere.keys)
    assert await ring.verifying(made.signing()[0]) is not None
    assert len(ring.published()) == 4
