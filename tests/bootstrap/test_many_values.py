"""A body of many small things costs no more than one of few."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import orjson
import pytest
import pytest_asyncio

from shared_kernel.adapters.http.bodies import MAX_DEPTH, MAX_VALUES
from tests.bootstrap.test_edge import JSON, assert_is_problem, talking_to
from tests.bootstrap.toy import toy

MANY: dict[str, object] = {
    "numbers": [0] * (MAX_VALUES + 1),
    "lists": list[object]([] for _ in range(MAX_VALUES + 1)),
    "numbers in lists": [[0] * 100] * 100,
    "members": {f"m{number}": 0 for number in range(MAX_VALUES // 2 + 1)},
}
DEEPEST = b"[" * MAX_DEPTH + b'"\\u0001"' + b"]" * MAX_DEPTH


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with talking_to(toy()) as http:
        yield http


@pytest.mark.parametrize("body", MANY.values(), ids=MANY.keys())
async def test_a_body_of_too_many_values_is_refused_unread(
    client: httpx2.AsyncClient, body: object
) -> None:
    answer = await client.post("/v1/toys/1", content=orjson.dumps(body), headers=JSON)
    assert_is_problem(answer, 400, "json_too_long")


@pytest.mark.parametrize(
    ("depth", "code"), [(MAX_DEPTH, "invalid"), (MAX_DEPTH + 1, "json_too_deep")]
)
async def test_a_body_is_nested_so_deep_and_no_deeper(
    client: httpx2.AsyncClient, depth: int, code: str
) -> None:
    content = b"[" * depth + b"]" * depth
    answer = await client.post("/v1/toys/1", content=content, headers=JSON)
    assert answer.json()["code"] == code


@pytest.mark.parametrize("body", [b'"\\u0001"', b'{"\\u0001": 1}', DEEPEST])
async def test_a_control_character_is_found_wherever_it_stands(
    client: httpx2.AsyncClient, body: bytes
) -> None:
    answer = await client.post("/v1/toys/1", content=body, headers=JSON)
    assert_is_problem(answer, 400, "control_character")


async def test_not_every_one_of_many_faults_is_told(client: httpx2.AsyncClient) -> None:
    body = orjson.dumps({f"m{number}": 0 for number in range(4_000)})
    answer = await client.post("/v1/toys/1", content=body, headers=JSON)
    assert_is_problem(answer, 422, "invalid")
    assert len(answer.json()["errors"]) == 50
    assert len(answer.content) < len(body)
