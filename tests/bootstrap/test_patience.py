"""How long is waited for what a client has to say, and what it is told that says nonsense."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from bootstrap.middleware import Rules
from tests.bootstrap.processes import Server, toys
from tests.bootstrap.test_edge import JSON, assert_is_problem, talking_to
from tests.bootstrap.toy import toy


@pytest.mark.parametrize("headers", [JSON, JSON | {"content-length": "20"}])
async def test_a_body_that_does_not_come_is_not_waited_for(headers: dict[str, str]) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b'{"name": '
        await asyncio.sleep(60)

    async with talking_to(toy(Rules(body_seconds=0.2))) as client:
        async with asyncio.timeout(30):
            answer = await client.post("/v1/toys/1", content=half(), headers=headers)
    assert_is_problem(answer, 408, "body_too_slow")
    assert answer.headers["connection"] == "close"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with toys(1) as started:
        yield started


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"FOO /v1/toys/1 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /v1/toys/1 HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
    ],
)
def test_what_is_no_request_is_refused_by_a_problem(server: Server, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(sent)
        head, _, body = _all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    for line in (b"content-type: application/problem+json", b"x-content-type-options: nosniff"):
        assert line in head.split(b"\r\n")
    problem = json.loads(body)
    assert (problem["status"], problem["code"]) == (400, "malformed_request")
    assert f"x-request-id: {problem['request_id']}" in head.decode()


@pytest.mark.parametrize("insists", [True, False])
def test_what_is_no_request_hears_of_https_like_any_other(insists: bool) -> None:
    with (
        toys(1, hsts=insists) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection,
    ):
        connection.sendall(b"nonsense\r\n\r\n")
        answered = _all(connection)
    assert (b"\r\nstrict-transport-security: max-age=63072000" in answered) is insists


def test_headers_without_end_are_not_kept_in_memory(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(b"GET /v1/toys/1 HTTP/1.1\r\nHost: a\r\nX-Long: ")
        with pytest.raises(ConnectionError):
            list(map(connection.sendall, [b"a" * 65_536] * 200))


def test_head_and_body_of_an_answer_arrive_together(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        for _ in range(20):
            connection.sendall(b"GET /v1/toys/1 HTTP/1.1\r\nHost: a\r\n\r\n")
            head, _, body = connection.recv(65_536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert json.loads(body)


def test_a_large_body_on_a_connection_in_use_is_no_long_header(server: Server) -> None:
    body = b'{"name":"' + b"a" * 900_000 + b'"}'
    head = "POST /v1/toys/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    sent = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    last = sent.replace(b"Host: a", b"Host: a\r\nConnection: close", 1)
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(sent + sent + last)
        answered = _all(connection)
    assert re.findall(rb"HTTP/1.1 (\d+)", answered) == [b"200"] * 3


def _all(connection: socket.socket) -> bytes:
    answered = b""
    while part := connection.recv(65_536):
        answered += part
    return answered
