"""What is refused before any endpoint sees it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.types import Message, Receive, Scope

from bootstrap.middleware.rules import (
    MAX_BODY,
    MAX_HEADER_BYTES,
    MAX_HEADERS,
    MAX_URL,
    Hosts,
)
from shared_kernel.adapters.http import Refused

Headers = list[tuple[bytes, bytes]]

PLAIN = re.compile(rb"[!-$&-~]*")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
NUMBER = re.compile(rb"[0-9]{1,18}")
SLOWEST = 64 * 1024  # bytes a second that a file has to come with

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ALLOW = "GET, HEAD, POST, PUT, PATCH, DELETE"
# What decides who asks, from which page, and for what. Two servers in a row, or two parts of one,
# could each believe another of several.
ONCE = (b"authorization", b"origin", b"sec-fetch-site", b"content-type", b"idempotency-key")


class TooLarge(Refused):
    """The body is larger than the endpoint takes."""

    def __init__(self, most: int) -> None:
        super().__init__(413, "body_too_large", f"a body may have {most} bytes at most")


class TooSlow(Refused):
    """The body does not come. Each request that waits for one takes the place of another."""

    def __init__(self) -> None:
        super().__init__(408, "body_too_slow", "the body did not arrive in time")


class Guard:
    """Checks what does not depend on the endpoint. Each check raises Refused.

    The servers below differ in what they let through, so none of them is relied upon.
    """

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    def check(self, scope: Scope, known: dict[bytes, bytes]) -> None:
        """Refuse a request that is oversized, ambiguous, not text, or for somebody else."""
        headers: Headers = scope["headers"]
        self._check_size(scope, headers)
        _check_framing(headers, known)
        if len(known) != len(headers):
            _check_repeated(headers)
        _check_text(scope.get("raw_path") or scope["path"].encode(), "path")
        _check_text(scope["query_string"], "query")
        self._check_host(scope, headers, known)
        if scope["method"] not in METHODS:
            raise Refused(
                405, "method_not_allowed", "no resource here knows this method", {"Allow": ALLOW}
            )

    def _check_size(self, scope: Scope, headers: Headers) -> None:
        url = len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"])
        if url > MAX_URL:
            raise Refused(414, "url_too_long", f"a URL may have {MAX_URL} bytes at most")
        if len(headers) > MAX_HEADERS or _size(headers) > MAX_HEADER_BYTES:
            raise Refused(
                431,
                "headers_too_large",
                f"{MAX_HEADERS} headers of {MAX_HEADER_BYTES} bytes in all are the most",
            )

    def _check_host(self, scope: Scope, headers: Headers, known: dict[bytes, bytes]) -> None:
        named = _count(headers, b"host")
        if named == 0 and scope["http_version"].startswith("2"):
            return  # the server has checked :authority and does not pass it on
        if named != 1 or not (self._hosts.admits(known[b"host"]) or _is_probe(scope)):
            raise Refused(400, "unknown_host", "the Host header names no host served here")


def limited(
    scope: Scope,
    known: dict[bytes, bytes],
    receive: Receive,
    seconds: float,
    most_of: Callable[[Scope], int],
) -> Receive:
    """Return a `receive` that raises TooLarge and TooSlow when a body grows too long or too late.

    Raises TooLarge at once for a length that was announced. How much is too much is asked only
    for a body that may be more than MAX_BODY. What has arrived gives the rest more time.
    """
    announced = known.get(b"content-length")
    size = None if announced is None else int(announced)
    chunked = b"transfer-encoding" in known or scope["http_version"].startswith("2")
    most = most_of(scope) if chunked or (size or 0) > MAX_BODY else MAX_BODY
    if size is not None and size > most:
        raise TooLarge(most)
    if not chunked and not size:
        return receive
    began, seen, whole = asyncio.get_running_loop().time(), 0, False

    async def limiting() -> Message:
        nonlocal seen, whole
        if whole:  # what comes now is that the client went away
            return await receive()
        message = await _in_time(receive, began + seconds + max(0, seen - MAX_BODY) / SLOWEST)
        seen, whole = seen + len(message.get("body", b"")), not message.get("more_body", False)
        if seen > most:
            raise TooLarge(most)
        return message

    return limiting


async def _in_time(receive: Receive, ends_at: float) -> Message:
    try:
        async with asyncio.timeout_at(ends_at):
            return await receive()
    except TimeoutError:
        raise TooSlow from None


def _check_framing(headers: Headers, known: dict[bytes, bytes]) -> None:
    """Refuse what two servers in a row could understand differently (request smuggling)."""
    length, coding = known.get(b"content-length"), known.get(b"transfer-encoding")
    if length is None and coding is None:
        return
    clear = (
        NUMBER.fullmatch(length) is not None and _count(headers, b"content-length") == 1
        if length is not None
        else coding == b"chunked" and _count(headers, b"transfer-encoding") == 1
    )
    if not clear or (length is not None and coding is not None):
        raise Refused(400, "ambiguous_length", "the length of the body is not stated clearly")


def _check_repeated(headers: Headers) -> None:
    if any(_count(headers, name) > 1 for name in ONCE):
        raise Refused(400, "repeated_header", "a header that may be sent once is there twice")


def _check_text(encoded: bytes, what: str) -> None:
    if not (PLAIN.fullmatch(encoded) or _is_text(encoded)):
        raise Refused(400, f"malformed_{what}", f"the {what} is not plain text in UTF-8")


def _is_text(encoded: bytes) -> bool:
    try:
        text = unquote_to_bytes(encoded).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return encoded.isascii() and CONTROL.search(text) is None


def _size(headers: Iterable[tuple[bytes, bytes]]) -> int:
    return sum(map(len, chain.from_iterable(headers)))


def _count(headers: Headers, name: bytes) -> int:
    return sum(one[0] == name for one in headers)


def _is_probe(scope: dict[str, Any] | Scope) -> bool:
    """Whether it is a health check: orchestrators ask by address."""
    return str(scope["path"]).startswith("/health/")
