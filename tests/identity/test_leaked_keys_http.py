"""Reports of leaked secrets, over HTTP and on PostgreSQL, signed as scanners sign them."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI

from bootstrap.settings import PlatformSettings
from modules.identity.adapters.settings import IdentitySettings
from modules.identity.adapters.tokens import ScannerKeys
from modules.identity.domain.api_secret import ApiSecret, SecretKind
from modules.identity.domain.refresh_token import RefreshToken
from shared_kernel.adapters.settings import WrongSettings
from tests.kit.cluster import TestDatabase
from tests.kit.people import People
from tests.kit.programs import a_key, a_program, drafting
from tests.kit.running import client_of, identity_settings, running

PATH, REFRESH = "/v1/identity/leaked-keys", "/v1/identity/refresh"
PRIVATE = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
WHERE = "https://example.com/somebody/else/blob/main/.env"


def listed(**keys: Any) -> str:
    """Return a scanner's list of public keys, as it publishes them."""
    return json.dumps(
        {
            "public_keys": [
                {
                    "key_identifier": name,
                    "key": key.public_key()
                    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
                    .decode(),
                    "is_current": True,
                }
                for name, key in keys.items()
            ]
        }
    )


def signed(body: bytes, key: ec.EllipticCurvePrivateKey = PRIVATE) -> str:
    return b64encode(key.sign(body, ec.ECDSA(SHA256()))).decode()


def finding(token: str) -> dict[str, str]:
    return {"token": token, "type": "ashlar_key", "url": WHERE, "source": "content"}


@dataclass
class Scanner:
    """A scanner whose key the application knows."""

    app: FastAPI
    http: httpx2.AsyncClient

    async def report(self, *tokens: str) -> httpx2.Response:
        return await self.send(json.dumps([finding(one) for one in tokens]).encode())

    async def send(self, body: bytes, **headers: str) -> httpx2.Response:
        sent = {
            "github-public-key-identifier": "one",
            "github-public-key-signature": signed(body),
            "content-type": "application/json",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return await self.http.post(PATH, content=body, headers=sent)


@pytest_asyncio.fixture
async def scanner(settings: PlatformSettings, people: People) -> AsyncGenerator[Scanner]:
    made = identity_settings(leak_report_keys=listed(one=PRIVATE, two=OTHER))
    async with running(settings, replace={IdentitySettings: made}) as app, client_of(app) as http:
        yield Scanner(app, http)


def labels(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["label"] for one in answer.json()]


async def told(database: TestDatabase, subject_id: str) -> list[dict[str, Any]]:
    """Return what was told of a leak: the bodies of its events."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        rows = await connection.fetch(
            "select body from platform.outbox where subject_id = $1 and kind = $2",
            subject_id,
            "identity.SecretLeaked",
        )
    finally:
        await connection.close()
    return [json.loads(row["body"]) for row in rows]


async def test_a_leaked_key_is_refused_everywhere_and_its_owner_is_told_once(
    scanner: Scanner, app: FastAPI, people: People, database: TestDatabase
) -> None:
    person = await people.register(role="editor")
    made = await a_key(person)
    answer = await scanner.report(made["key"])
    assert answer.json() == [
        {
            "token_hash": sha256(made["key"].encode()).hexdigest(),
            "token_type": "ashlar_key",
            "label": "true_positive",
        }
    ]
    assert (await drafting(app, made["key"], "SLATE-1")).status_code == 401
    assert labels(await scanner.report(made["key"], made["key"])) == ["true_positive"] * 2
    [event] = await told(database, made["id"])
    assert (event["owner_id"], event["what"], event["name"], event["url"], event["source"]) == (
        str(person.id),
        "api_key",
        "backup",
        WHERE,
        "content",
    )
    assert made["key"] not in json.dumps(event)


async def test_the_secret_before_a_rotation_counts_as_the_key(
    scanner: Scanner, app: FastAPI, people: People
) -> None:
    person = await people.register(role="editor")
    made = await a_key(person)
    rotated = await person.http.post(
        f"/v1/identity/me/api-keys/{made['id']}/rotate",
        json={"overlap_seconds": 60},
        headers={"if-match": '"v1"'},
    )
    assert labels(await scanner.report(made["key"])) == ["true_positive"]
    assert (await drafting(app, rotated.json()["key"], "SLATE-2")).status_code == 401


async def test_a_leaked_secret_takes_its_tokens_along_and_the_maker_is_told(
    scanner: Scanner, app: FastAPI, people: People, database: TestDatabase
) -> None:
    administrator = await people.register(role="administrator")
    program = await a_program(administrator, "importer")
    token = (await program.token(scanner.http)).json()["access_token"]
    assert labels(await scanner.report(program.secret)) == ["true_positive"]
    for text in (program.secret, token):
        assert (await drafting(app, text, "SLATE-3")).status_code == 401
    [event] = await told(database, program.secret_id)
    assert (event["owner_id"], event["what"]) == (str(administrator.id), "service_account_secret")


async def test_a_leaked_refresh_token_ends_its_session_even_when_it_was_used(
    scanner: Scanner, people: People
) -> None:
    person = await people.register()
    used = person.refresh_token
    newer = (await person.http.post(REFRESH, json={"refresh_token": used})).json()
    assert labels(await scanner.report(used)) == ["true_positive"]
    gone = await person.http.post(REFRESH, json={"refresh_token": newer["refresh_token"]})
    assert gone.status_code == 401
    async with asyncio.timeout(10):
        while (await person.http.get("/v1/identity/me")).status_code != 401:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.02)
    assert labels(await scanner.report(used)) == ["true_positive"]


async def test_what_is_none_of_ours_is_a_false_positive_and_harms_nobody(
    scanner: Scanner, app: FastAPI, people: People
) -> None:
    person = await people.register(role="editor")
    made = await a_key(person)
    program = await a_program(await people.register(role="administrator"), "importer")
    # The right id and another secret: whoever knows an id must not be able to revoke its key.
    guessed = [
        ApiSecret(SecretKind.PERSONAL, UUID(made["id"]), bytes(32)).text,
        ApiSecret(SecretKind.SERVICE, UUID(program.secret_id), bytes(32)).text,
        ApiSecret(SecretKind.PERSONAL, uuid4(), bytes(32)).text,
        ApiSecret(SecretKind.SERVICE, uuid4(), bytes(32)).text,
        RefreshToken(uuid4(), bytes(32)).text,
    ]
    answer = await scanner.report("", "ghp_something", "app_pat_" + "0" * 71, *guessed)
    assert labels(answer) == ["false_positive"] * 8
    assert (await program.token(scanner.http)).status_code == 200
    assert (await drafting(app, made["key"], "SLATE-4")).status_code == 201


async def test_only_a_report_signed_by_a_known_key_is_taken(
    scanner: Scanner, app: FastAPI, people: People
) -> None:
    person = await people.register(role="editor")
    key = (await a_key(person))["key"]
    body = json.dumps([finding(key)]).encode()
    sha512 = b64encode(PRIVATE.sign(body, ec.ECDSA(SHA512()))).decode()
    for headers in (
        {"github_public_key_signature": signed(body, OTHER)},
        {"github_public_key_signature": signed(body + b" ")},
        {"github_public_key_signature": sha512},
        {"github_public_key_signature": ""},
        {"github_public_key_signature": "!!!"},
        {"github_public_key_signature": "A" * 5000},
        {"github_public_key_identifier": "three"},
        {"github_public_key_identifier": "two"},
        {"github_public_key_identifier": ""},
    ):
        answer = await scanner.send(body, **headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "identity.report_not_signed")
    bare = await scanner.http.post(PATH, content=body)
    assert bare.status_code == 403
    assert (await drafting(app, key, "SLATE-5")).status_code == 201
    by_two = {
        "github_public_key_identifier": "two",
        "github_public_key_signature": signed(body, OTHER),
    }
    assert labels(await scanner.send(body, **by_two)) == ["true_positive"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[", 400),
        (b"{}", 422),
        (b'[{"type": "x"}]', 422),
        (b'[{"token": 7}]', 422),
        (b"[null]", 422),
        (json.dumps([{"token": "x" * 5000}]).encode(), 422),
        (json.dumps([{"token": "x"}] * 1001).encode(), 422),
        (json.dumps([{"token": "x"}] * 20_000).encode(), 400),
        (b"[" + b'"' + b"x" * 1_100_000 + b'"]', 413),
    ],
)
async def test_a_report_that_is_none_is_refused(scanner: Scanner, body: bytes, status: int) -> None:
    assert (await scanner.send(body)).status_code == status


async def test_a_large_report_with_members_nobody_knows_is_answered_in_its_order(
    scanner: Scanner, people: People
) -> None:
    keys = [(await a_key(await people.register()))["key"] for _ in range(3)]
    tokens = [keys[one // 300] if one % 300 == 0 else f"noise-{one}" for one in range(700)]
    body = json.dumps([{**finding(one), "confidence": [1]} for one in tokens]).encode()
    answer = labels(await scanner.send(body))
    assert [one for one, label in enumerate(answer) if label == "true_positive"] == [0, 300, 600]


async def test_the_same_report_sent_many_times_at_once_is_told_once(
    scanner: Scanner, people: People, database: TestDatabase
) -> None:
    made = await a_key(await people.register())
    answers = await asyncio.gather(*(scanner.report(made["key"]) for _ in range(10)))
    assert {tuple(labels(one)) for one in answers} == {("true_positive",)}
    assert len(await told(database, made["id"])) == 1


async def test_without_a_configured_key_no_report_is_taken(client: httpx2.AsyncClient) -> None:
    answer = await client.post(PATH, json=[])
    assert (answer.status_code, answer.json()["code"]) == (404, "identity.reports_not_taken")


@pytest.mark.parametrize(
    "document",
    [
        "[]",
        "no json",
        '{"public_keys": [{"key_identifier": "x", "key": "no PEM"}]}',
        listed(one=ec.generate_private_key(ec.SECP384R1())),
    ],
    ids=["a list", "no JSON", "no PEM", "another curve"],
)
def test_wrong_keys_are_named_at_the_start(document: str) -> None:
    with pytest.raises(WrongSettings, match="IDENTITY_LEAK_REPORT_KEYS"):
        ScannerKeys(document)
