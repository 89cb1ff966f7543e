"""What happens to every request before and after its endpoint."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from ipaddress import ip_network
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from bootstrap.middleware import MAX_BODY, Rules
from shared_kernel.application import origin
from tests.bootstrap.toy import toy

JSON = {"content-type": "application/json"}


def talking_to(app: FastAPI, *, peer: str = "192.0.2.7") -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, client=(peer, 4711), raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://toys.test")


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with talking_to(toy()) as http:
        yield http


def assert_is_problem(answer: httpx2.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["trace_id"] == answer.headers["traceparent"].split("-")[1]


async def test_an_answer_carries_the_security_headers(client: httpx2.AsyncClient) -> None:
    for path in ("/v1/toys/1", "/v1/nothing", "/v1/toys/broken/now", "/v1/toys/%00"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers
        assert "strict-transport-security" not in headers


async def test_production_insists_on_https_also_on_errors() -> None:
    async with talking_to(toy(Rules(hsts=True))) as client:
        for path in ("/v1/toys/1", "/v1/nothing"):
            value = (await client.get(path)).headers["strict-transport-security"]
            assert int(value.split(";")[0].removeprefix("max-age=")) >= 31_536_000
            assert "includeSubDomains" in value


async def test_a_harmless_request_id_is_kept(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/toys/client/address", headers={"x-request-id": "order-4711.a_b"})
    assert answer.headers["x-request-id"] == "order-4711.a_b"
    assert answer.json()["request_id"] == "order-4711.a_b"


@pytest.mark.parametrize("sent", ["short", "a" * 65, "with space", "<script>alert", 'quote"quote'])
async def test_any_other_request_id_is_replaced(client: httpx2.AsyncClient, sent: str) -> None:
    answer = await client.get("/v1/toys/1", headers={"x-request-id": sent})
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-request-id"])


async def test_a_trace_is_continued_with_a_span_of_our_own(client: httpx2.AsyncClient) -> None:
    sent = f"00-{'a' * 32}-{'b' * 16}-01"
    answered = (await client.get("/v1/toys/1", headers={"traceparent": sent})).headers[
        "traceparent"
    ]
    assert re.fullmatch(f"00-{'a' * 32}-[0-9a-f]{{16}}-01", answered)
    assert answered != sent


@pytest.mark.parametrize("sent", ["nonsense", f"00-{'0' * 32}-{'b' * 16}-01", "00-AB-cd-01"])
async def test_a_malformed_trace_is_begun_anew(client: httpx2.AsyncClient, sent: str) -> None:
    answered = (await client.get("/v1/toys/1", headers={"traceparent": sent})).headers[
        "traceparent"
    ]
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", answered)
    assert "0" * 32 not in answered


async def test_head_is_get_without_a_body(client: httpx2.AsyncClient) -> None:
    got, head = await client.get("/v1/toys/1"), await client.head("/v1/toys/1")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
    assert (await client.head("/v1/nothing")).status_code == 404


async def test_unknown_paths_and_methods_are_problems(client: httpx2.AsyncClient) -> None:
    assert_is_problem(await client.get("/v1/nothing"), 404, "not_found")
    assert_is_problem(await client.get("/v1/toys/1/"), 404, "not_found")
    refused = await client.delete("/v1/toys/1")
    assert_is_problem(refused, 405, "method_not_allowed")
    assert refused.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "G3T"])
async def test_methods_no_resource_knows_are_refused(
    client: httpx2.AsyncClient, method: str
) -> None:
    answer = await client.request(method, "/v1/toys/1")
    assert_is_problem(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


async def test_oversized_headers_and_urls_are_refused(client: httpx2.AsyncClient) -> None:
    many = {f"x-{number}": "1" for number in range(101)}
    assert_is_problem(await client.get("/v1/toys/1", headers=many), 431, "headers_too_large")
    long = {"x-long": "a" * 33_000}
    assert_is_problem(await client.get("/v1/toys/1", headers=long), 431, "headers_too_large")
    url = f"/v1/toys/1?q={'a' * 8192}"
    assert_is_problem(await client.get(url), 414, "url_too_long")


async def test_a_body_of_a_megabyte_is_the_most(client: httpx2.AsyncClient) -> None:
    announced = await client.post("/v1/toys/1", content=b" " * (MAX_BODY + 1), headers=JSON)
    assert_is_problem(announced, 413, "body_too_large")
    assert announced.headers["connection"] == "close"

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * 65_536

    chunked = await client.post("/v1/toys/1", content=parts(), headers=JSON)
    assert_is_problem(chunked, 413, "body_too_large")
    just_right = b'{"name":"' + b"a" * (MAX_BODY - 11) + b'"}'
    assert (await client.post("/v1/toys/1", content=just_right, headers=JSON)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v1/toys/%00",
        "/v1/toys/1%0d%0aset-cookie:x",
        "/v1/toys/%ff",
        "/v1/toys/%ed%a0%80",
        "/v1/toys/1?q=%00",
        "/v1/toys/1?q=%C3",
        "/v1/toys/1?q=%1b[31m",
    ],
)
async def test_what_is_not_text_is_refused(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 400
    assert answer.json()["code"] in {"malformed_path", "malformed_query"}


async def test_input_is_decoded_exactly_once(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/v1/toys/%2531")).status_code == 422
    assert (await client.get("/v1/toys/%31")).json() == {"number": 1}


@pytest.mark.parametrize(
    "headers",
    [
        [("content-length", "2"), ("transfer-encoding", "chunked")],
        [("content-length", "2"), ("content-length", "3")],
        [("content-length", "+2")],
        [("content-length", "two")],
        [("transfer-encoding", "xchunked")],
        [("transfer-encoding", "gzip, chunked")],
    ],
)
async def test_an_ambiguous_length_is_refused(
    client: httpx2.AsyncClient, headers: list[tuple[str, str]]
) -> None:
    request = client.build_request("GET", "/v1/toys/1")
    request.headers = httpx2.Headers([*request.headers.multi_items(), *headers])
    answer = await client.send(request)
    assert_is_problem(answer, 400, "ambiguous_length")
    assert answer.headers["connection"] == "close"


async def test_only_hosts_of_ours_are_answered() -> None:
    rules = Rules(hosts=["api.example.org", "*.shop.example.org"])
    async with talking_to(toy(rules)) as client:
        for host in ("api.example.org", "API.example.org:8443", "eu.shop.example.org"):
            answer = await client.get("/v1/toys/1", headers={"host": host})
            assert answer.status_code == 200, host
        for host in ("evil.example", "api.example.org.evil.example", "shop.example.org", "", "a b"):
            answer = await client.get("/v1/toys/1", headers={"host": host})
            assert_is_problem(answer, 400, "unknown_host")
        probe = await client.get("/health/live", headers={"host": "10.0.0.7:8000"})
        assert probe.status_code == 200


async def test_forwarded_addresses_are_believed_from_trusted_proxies_only() -> None:
    trusting = toy(Rules(proxies=[ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32")]))

    async def seen(app: FastAPI, peer: str, forwarded: str) -> str:
        async with talking_to(app, peer=peer) as client:
            headers = {"x-forwarded-for": forwarded}
            answer = await client.get("/v1/toys/client/address", headers=headers)
            return str(answer.json()["address"])

    assert await seen(toy(), "127.0.0.1", "203.0.113.9") == "127.0.0.1"
    assert await seen(trusting, "198.51.100.1", "203.0.113.9") == "198.51.100.1"
    assert await seen(trusting, "127.0.0.1", "203.0.113.9") == "203.0.113.9"
    assert await seen(trusting, "10.1.1.1", "1.1.1.1, 203.0.113.9, 10.2.2.2") == "203.0.113.9"
    assert await seen(trusting, "10.1.1.1", "203.0.113.9, nonsense") == "10.1.1.1"
    assert await seen(trusting, "10.1.1.1", "[2001:db8::1]") == "2001:db8::1"


async def test_only_allowed_origins_may_read_answers() -> None:
    async with talking_to(toy(Rules(origins=frozenset({"https://good.example"})))) as client:
        good = await client.get("/v1/toys/1", headers={"origin": "https://good.example"})
        assert good.headers["access-control-allow-origin"] == "https://good.example"
        assert "etag" in good.headers["access-control-expose-headers"]
        assert good.headers["vary"] == "origin"
        for origin in ("null", "https://good.example.evil.com", "http://good.example", "*"):
            bad = await client.get("/v1/toys/1", headers={"origin": origin})
            assert "access-control-allow-origin" not in bad.headers
            assert bad.headers["vary"] == "origin"


async def test_preflights_are_answered_for_allowed_origins_only() -> None:
    asks = {"access-control-request-method": "POST"}
    async with talking_to(toy(Rules(origins=frozenset({"https://good.example"})))) as client:
        good = await client.options(
            "/v1/toys/1", headers={**asks, "origin": "https://good.example"}
        )
        assert good.status_code == 204
        assert "authorization" in good.headers["access-control-allow-headers"]
        bad = await client.options("/v1/toys/1", headers={**asks, "origin": "https://evil.example"})
        assert_is_problem(bad, 405, "method_not_allowed")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", ""],
)
async def test_a_body_has_to_be_json(client: httpx2.AsyncClient, content_type: str) -> None:
    headers = {"content-type": content_type} if content_type else {}
    answer = await client.post("/v1/toys/1", content=b'{"name":"a"}', headers=headers)
    assert_is_problem(answer, 415, "unsupported_media_type")


async def test_what_nobody_expected_is_a_problem_that_tells_nothing(
    client: httpx2.AsyncClient,
) -> None:
    answer = await client.get("/v1/toys/broken/now")
    assert_is_problem(answer, 500, "internal_error")
    assert "CANARY" not in answer.text


async def test_what_is_away_may_be_asked_for_again(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/toys/away/now")
    assert_is_problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1


async def test_too_many_requests_at_once_are_refused_but_health_is_told() -> None:
    async with talking_to(toy(Rules(at_once=3))) as client:
        slow = [asyncio.create_task(client.get("/v1/toys/slow/0.3")) for _ in range(3)]
        await asyncio.sleep(0.1)
        refused = await client.get("/v1/toys/1")
        assert_is_problem(refused, 503, "overloaded")
        assert refused.headers["retry-after"] == "1"
        assert (await client.get("/health/live")).status_code == 200
        assert [one.status_code for one in await asyncio.gather(*slow)] == [200] * 3
        assert (await client.get("/v1/toys/1")).status_code == 200


async def test_fifty_callers_at_once_see_only_themselves(client: httpx2.AsyncClient) -> None:
    callers = [str(uuid4()) for _ in range(50)]

    async def ask(caller: str) -> dict[str, str]:
        answer = await client.get("/v1/toys/of/me", headers={"authorization": f"Bearer {caller}"})
        found: dict[str, str] = answer.json()
        return found

    answers = await asyncio.gather(*(ask(caller) for caller in callers * 3))
    expected = [{"caller": one, "before": one, "after": one} for one in callers * 3]
    assert answers == expected


async def test_nothing_of_a_request_stays_behind(client: httpx2.AsyncClient) -> None:
    caller = str(uuid4())
    await client.get("/v1/toys/of/me", headers={"authorization": f"Bearer {caller}"})
    assert (origin.get().request_id, origin.get().actor_id) == ("-", None)
    answer = await client.get("/v1/toys/of/me")
    assert_is_problem(answer, 401, "unauthenticated")
