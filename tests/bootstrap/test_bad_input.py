"""Whatever is sent to whichever route: a 4xx problem with a stable code, and never an echo."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
import pytest_asyncio

from bootstrap.middleware import MAX_BODY
from tests.kit.people import People, Person

CANARY = "CANARYq7"
JSON = {"content-type": "application/json"}
FORGED = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJDQU5BUllxNyJ9."

BODIES = {
    "empty": b"",
    "malformed": b'{"' + CANARY.encode(),
    "not an object": b'"%s"' % CANARY.encode(),
    "a list": b"[[]]",
    "null": b"null",
    "unknown member": b'{"%s": 1}' % CANARY.encode(),
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": 1e999}',
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "NUL": b'{"a": "\\u0000%s"}' % CANARY.encode(),
    "lone surrogate": b'{"a": "\\ud800%s"}' % CANARY.encode(),
    "deep": b"[" * 10_000 + b"]" * 10_000,
    "5 MB": b'{"a": "' + b"a" * (5 * MAX_BODY) + b'"}',
}
VALUES: tuple[Any, ...] = (
    None, True, 2**63, -(2**70), 1.5, "", "\u0001", CANARY * 2000, [], {}, [CANARY], {CANARY: 1},
)  # fmt: skip
QUERIES = (
    "limit=0", "limit=1000000000", "limit=9223372036854775808", f"limit={CANARY}", f"sort={CANARY}",
    f"cursor={CANARY}", "cursor=AAAA", f"cursor={'A' * 5000}", "q=%00", "q=%ed%a0%80",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document, with the parts of it that can be sent wrongly."""

    method: str
    path: str
    body: dict[str, Any] | None
    names: Collection[str]
    signed: bool

    @property
    def url(self) -> str:
        """An address of something that does not exist."""
        return re.sub(r"\{[^}]+\}", lambda _: str(uuid4()), self.path)


@pytest_asyncio.fixture
async def person(people: People) -> Person:
    """Somebody who holds every permission, so that bad input reaches every endpoint."""
    return await people.register(role="administrator")


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            # A body written out in place is read by the endpoint itself, once it is signed for.
            named = content.get("application/json", {}).get("schema", {}).get("$ref")
            body = schemas[named.rpartition("/")[2]] if named else None
            names = {one["name"] for one in operation.get("parameters", ())}
            signed = bool(operation["security"])
            yield Operation(method.upper(), path, body, names, signed=signed)


def assert_refused(answer: httpx2.Response, place: str) -> None:
    assert 400 <= answer.status_code < 500, f"{place}: {answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json", place
    problem = answer.json()
    assert re.fullmatch(r"[a-z0-9_.]+", problem["code"]), place
    assert CANARY not in str(problem), f"{place}: {answer.text}"
    assert CANARY not in str(answer.headers), place


def _parts(path: str) -> list[str]:
    """Split a path into its parameters and what stands between them."""
    return re.split(r"(\{[^}]+\})", path)


async def send(person: Person, operation: Operation, **options: Any) -> httpx2.Response:
    headers = {"if-match": '"v1"', **options.pop("headers", {})}
    return await person.http.request(operation.method, operation.url, headers=headers, **options)


async def test_bodies_that_are_none_are_refused_by_every_route(
    document: Mapping[str, Any], person: Person
) -> None:
    tried = 0
    for operation in operations(document):
        if operation.body is None:
            continue
        tried += 1
        for name, content in BODIES.items():
            answer = await send(person, operation, content=content, headers=JSON)
            assert_refused(answer, f"{operation.method} {operation.path}: {name}")
        for media_type in ("text/plain", "application/xml", "multipart/form-data"):
            headers = {"content-type": media_type}
            answer = await send(person, operation, content=b"{}", headers=headers)
            assert answer.status_code == 415, f"{operation.path}: {media_type}"
    assert tried >= 8


async def test_members_of_the_wrong_kind_never_break_a_route(
    document: Mapping[str, Any], person: Person
) -> None:
    for operation in operations(document):
        for member in (operation.body or {}).get("properties", {}):
            for value in VALUES:
                answer = await send(person, operation, json={member: value})
                place = f"{operation.method} {operation.path}: {member}={str(value)[:40]}"
                assert answer.status_code < 500, f"{place}: {answer.text}"
                if answer.status_code >= 400:
                    assert_refused(answer, place)


async def test_queries_that_ask_for_nonsense_are_refused(
    document: Mapping[str, Any], person: Person
) -> None:
    lists = [one for one in operations(document) if "limit" in one.names]
    assert len(lists) > 3
    for operation in lists:
        for query in QUERIES:
            answer = await person.http.get(f"{operation.url}?{query}")
            if query.partition("=")[0] == "sort" and "sort" not in operation.names:
                continue  # an unknown parameter is ignored
            assert_refused(answer, f"{operation.path}?{query[:60]}")


async def test_ids_that_are_none_are_refused(document: Mapping[str, Any], person: Person) -> None:
    for operation in operations(document):
        if "{" not in operation.path:
            continue
        for wrong in (
            CANARY,
            "0",
            "9" * 40,
            "%00",
            "%ed%a0%80",
            "..%2f..%2fetc",
            "%2561",
            "a" * 9000,
        ):
            url = "".join(
                wrong if part.startswith("{") else part for part in _parts(operation.path)
            )
            answer = await person.http.request(
                operation.method, url, json={}, headers={"if-match": '"v1"'}
            )
            assert_refused(answer, f"{operation.method} {operation.path}: {wrong[:20]}")


async def test_forged_credentials_open_no_route(
    document: Mapping[str, Any], client: httpx2.AsyncClient
) -> None:
    wrong = ("Bearer", "Bearer x", f"Bearer {FORGED}", f"Basic {CANARY}", "x" * 5000, "Bearer \xff")
    for operation in operations(document):
        if not operation.signed:
            continue
        for credentials in wrong:
            answer = await client.request(
                operation.method,
                operation.url,
                headers=[(b"authorization", credentials.encode("latin-1"))],
            )
            place = f"{operation.method} {operation.path}: {credentials[:20]}"
            assert answer.status_code == 401, place
            assert answer.headers["www-authenticate"].startswith("Bearer"), place
            assert_refused(answer, place)


async def test_people_who_ask_at_once_see_only_themselves(people: People) -> None:
    crowd = [await people.register() for _ in range(10)]

    async def ask(one: Person) -> bool:
        seen = (await one.http.get("/v1/identity/me")).json()
        return bool(seen["id"] == str(one.id) and seen["email"] == one.email)

    assert all(await asyncio.gather(*(ask(one) for one in crowd * 10)))
