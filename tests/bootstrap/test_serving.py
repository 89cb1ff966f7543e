"""Both servers, as real processes: how they stop, and what they let nobody do."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx2
import pytest

from tests.bootstrap.processes import Server, free_port, toys

pytestmark = pytest.mark.xdist_group("serving")

UVICORN, GRANIAN = 1, 2


@pytest.fixture(scope="module", params=[UVICORN, GRANIAN], ids=["uvicorn", "granian"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    workers: int = request.param
    with toys(workers) as started:
        yield started


def raw(port: int, sent: bytes, *, seconds: float = 20) -> bytes:
    """Send bytes as they are and return all that is answered until the connection ends."""
    answered = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(sent)
        try:
            while part := connection.recv(65_536):
                answered += part
        except (TimeoutError, ConnectionResetError):
            pass
    return answered


@pytest.mark.parametrize("workers", [UVICORN, GRANIAN], ids=["uvicorn", "granian"])
def test_stopping_answers_every_request_and_ends_well(workers: int) -> None:
    with (
        toys(workers, drain=2) as server,
        httpx2.Client(base_url=server.url, timeout=20) as http,
        ThreadPoolExecutor(20) as people,
    ):
        slow = [people.submit(http.get, "/v1/toys/slow/2") for _ in range(20)]
        time.sleep(0.7)
        server.process.send_signal(signal.SIGTERM)
        ready = until_not_ready(http)
        assert (ready.status_code, ready.json()["status"]) == (503, "stopping")
        assert ready.headers["connection"] == "close"
        assert http.get("/health/live").status_code == 200
        assert http.get("/v1/toys/1").status_code == 200
        assert [one.result().status_code for one in slow] == [200] * 20
        assert server.ended() == 0


def until_not_ready(http: httpx2.Client) -> httpx2.Response:
    """Ask until the server has heard that it is to stop, and says so."""
    while (answer := http.get("/health/ready")).status_code == 200:
        time.sleep(0.01)
    return answer


def test_no_answer_names_the_server(server: Server) -> None:
    answer = httpx2.get(f"{server.url}/v1/toys/1")
    assert answer.headers.get("server", "") == ""


FRAMING = {
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
    "two lengths": b"Content-Length: 4\r\nContent-Length: 5\r\n",
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n",
    "a signed length": b"Content-Length: +4\r\n",
    "no number": b"Content-Length: four\r\n",
}


@pytest.mark.parametrize("headers", FRAMING.values(), ids=FRAMING.keys())
def test_ambiguous_framing_ends_the_connection(server: Server, headers: bytes) -> None:
    sent = (
        b"POST /v1/toys/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        + headers
        + b"\r\n0\r\n\r\nGET /v1/toys/66 HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    answered = raw(server.port, sent)
    assert b" 200 " not in answered
    assert answered.count(b"HTTP/1.1 ") <= 1


def test_hosts_are_named_exactly_once(server: Server) -> None:
    for hosts in (b"", b"Host: a\r\nHost: b\r\n"):
        answered = raw(server.port, b"GET /v1/toys/1 HTTP/1.1\r\n" + hosts + b"\r\n")
        assert b" 400 " in answered.split(b"\r\n")[0]


def test_large_headers_and_urls_are_refused(server: Server) -> None:
    start = b"GET /v1/toys/1 HTTP/1.1\r\nHost: a\r\n"
    many = start + b"".join(b"X-%d: 1\r\n" % number for number in range(2000)) + b"\r\n"
    large = start + b"X-Large: " + b"a" * 100_000 + b"\r\n\r\n"
    url = b"GET /v1/toys/1?" + b"a" * 50_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"
    for sent in (many, large, url):
        assert b" 200 " not in raw(server.port, sent)


def test_a_large_body_is_refused_before_it_is_sent(server: Server) -> None:
    sent = (
        b"POST /v1/toys/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: 5000000\r\n\r\n"
    )
    answered = raw(server.port, sent)
    assert answered.startswith(b"HTTP/1.1 413 ")
    assert b"application/problem+json" in answered


def test_an_answer_that_breaks_off_is_not_taken_for_whole(server: Server) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(f"{server.url}/v1/toys/broken/later", timeout=20)
    assert httpx2.get(f"{server.url}/v1/toys/1").status_code == 200


def test_a_client_that_goes_away_harms_nobody(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET /v1/toys/slow/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        time.sleep(0.1)
    assert httpx2.get(f"{server.url}/v1/toys/1").status_code == 200


@pytest.mark.parametrize("workers", [UVICORN, GRANIAN], ids=["uvicorn", "granian"])
def test_overload_is_refused_and_liveness_is_not(workers: int) -> None:
    with toys(workers, at_once=2) as server, ThreadPoolExecutor(16) as people:
        asked: list[Future[httpx2.Response]] = [
            people.submit(httpx2.get, f"{server.url}/v1/toys/slow/1.5", timeout=20)
            for _ in range(12)
        ]
        time.sleep(0.7)
        assert httpx2.get(f"{server.url}/health/live").status_code == 200
        answers = [one.result() for one in asked]
    refused = [one for one in answers if one.status_code == 503]
    assert {one.status_code for one in answers} == {200, 503}
    assert all(one.json()["code"] == "overloaded" for one in refused)
    assert all(one.headers["retry-after"] == "1" for one in refused)


def test_an_address_that_is_taken_is_told_in_one_line() -> None:
    from bootstrap.serving import Plan, PortTaken, run  # noqa: PLC0415 - loads both servers

    port = free_port()
    with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken) as refused:
        run(Plan(port=port))
    assert str(refused.value) == f"cannot listen on 127.0.0.1:{port}: address already in use"
