"""What belongs to somebody else is answered as what was never there, to the letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest

from tests.kit.cluster import TestDatabase
from tests.kit.passkey import SoftwarePasskey
from tests.kit.people import People, Person

ME = "/v1/identity/me"
TAG = {"if-match": '"v1"'}


async def session_of(person: Person) -> str:
    listed = await person.http.get(f"{ME}/sessions")
    return str(listed.json()["items"][0]["id"])


async def key_of(person: Person) -> str:
    body = {"name": "robot", "scope": ["catalog.products.write"]}
    made = await person.http.post(f"{ME}/api-keys", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def passkey_of(person: Person) -> str:
    options = (await person.http.post(f"{ME}/passkeys/options")).json()
    body = {"name": "Phone", "credential": SoftwarePasskey().create(options)}
    made = await person.http.post(f"{ME}/passkeys", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def told(person: Person, method: str, place: str, body: Any) -> Mapping[str, Any]:
    """Return all that an answer tells."""
    answer = await person.http.request(method, place, json=body, headers=TAG)
    assert answer.status_code == httpx2.codes.NOT_FOUND, answer.text
    return {name: answer.json()[name] for name in ("status", "code", "title", "detail")}


@pytest.mark.parametrize(
    ("make", "method", "place", "body"),
    [
        (session_of, "DELETE", "sessions/{}", None),
        (session_of, "PATCH", "sessions/{}", {"name": "mine"}),
        (key_of, "GET", "api-keys/{}", None),
        (key_of, "PATCH", "api-keys/{}", {"name": "mine"}),
        (key_of, "POST", "api-keys/{}/rotate", {}),
        (key_of, "DELETE", "api-keys/{}", None),
        (passkey_of, "GET", "passkeys/{}", None),
        (passkey_of, "PATCH", "passkeys/{}", {"name": "mine"}),
        (passkey_of, "DELETE", "passkeys/{}", None),
    ],
)
async def test_what_is_somebody_elses_is_unknown(
    people: People, database: TestDatabase, *, make: Any, method: str, place: str, body: Any
) -> None:
    owner, other = await people.register(), await people.register()
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute("update identity.accounts set email_verified_at = now()")
    finally:
        await connection.close()
    theirs = UUID(await make(owner))
    answers = [
        await told(other, method, f"{ME}/{place.format(one)}", body) for one in (theirs, uuid4())
    ]
    assert answers[0] == answers[1]
