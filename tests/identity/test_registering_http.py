"""What whoever registers is told at once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.kit.people import PASSWORD

REGISTER = "/v1/identity/register"


async def test_registering_says_the_same_whether_or_not_the_address_is_known(
    client: httpx2.AsyncClient,
) -> None:
    body = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    answers = [await client.post(REGISTER, json=body) for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 202]
    assert answers[0].content == answers[1].content
    ignored = {
        "x-request-id",
        "traceparent",
        "ratelimit",
    }  # what a client has left, for any address
    first, second = ({k: v for k, v in one.headers.items() if k not in ignored} for one in answers)
    assert first == second


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": "no address", "password": PASSWORD}, "identity.email_malformed"),
        ({"email": "\u0430da@example.com", "password": PASSWORD}, "identity.email_malformed"),
        ({"email": "ada@example.com", "password": "too short"}, "identity.password_too_short"),
        ({"email": "ada@example.com", "password": "x" * 129}, "invalid"),
        ({"email": "ada@example.com", "password": 15 * 10**15}, "invalid"),
        ({"email": "ada@example.com", "password": PASSWORD, "admin": True}, "invalid"),
        ({"email": "ada@example.com"}, "invalid"),
        ([], "invalid"),
    ],
)
async def test_a_registration_that_cannot_be_is_refused_and_not_repeated(
    client: httpx2.AsyncClient, body: Any, code: str
) -> None:
    answer = await client.post(REGISTER, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "ada@example.com" not in answer.text
    assert "too short" not in answer.text
