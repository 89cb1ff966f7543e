"""What every answer carries, errors included."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import Message, Send

Headers = list[tuple[bytes, bytes]]

CSP = b"content-security-policy"
CACHE = b"cache-control"
EMBEDDERS = b"cross-origin-resource-policy"

ALWAYS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
UNLESS_STATED = {
    CSP: (CSP, b"default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"),
    CACHE: (CACHE, b"no-store"),
    EMBEDDERS: (EMBEDDERS, b"same-origin"),
}
UNREAD = frozenset({408, 413, 414, 431})  # the rest of the request is not worth reading
HSTS: Headers = [(b"strict-transport-security", b"max-age=63072000; includeSubDomains")]

EXPOSED = (
    b"deprecation, etag, idempotency-replayed, link, location, ratelimit, ratelimit-policy, "
    b"retry-after, sunset, traceparent, x-request-id"
)
PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
    (
        b"access-control-allow-headers",
        (
            b"authorization, content-type, idempotency-key, if-match, if-none-match, "
            b"traceparent, x-request-id"
        ),
    ),
    (b"access-control-max-age", b"600"),
]


def cors_headers(origins: frozenset[str], sent: bytes | None) -> Headers:
    """Return what lets a page of an allowed origin read the answer, nothing for all others.

    The session cookie goes with it only to pages of origins that are listed by name.
    """
    if not origins:
        return []
    varies: Headers = [(b"vary", b"origin")]
    if sent is None or not ("*" in origins or sent.decode("latin-1").lower() in origins):
        return varies
    named: Headers = [] if "*" in origins else [(b"access-control-allow-credentials", b"true")]
    return [
        *varies,
        *named,
        (b"access-control-allow-origin", sent),
        (b"access-control-expose-headers", EXPOSED),
    ]


@dataclass(slots=True)
class Answer:
    """The answer to one request on its way out. It is also what the access log tells of it."""

    forward: Send
    extra: Headers
    without_body: bool = False
    closing: bool = False
    may_close: bool = True  # on HTTP/2 a stream ends alone
    status: int = 499  # nothing was sent: the client went away
    size: int = 0
    started: bool = False
    complete: bool = False

    async def send(self, message: Message) -> None:
        """Send one message of the answer."""
        if message["type"] == "http.response.start":
            self._start(message)
        elif message["type"] == "http.response.body":
            self.complete = not message.get("more_body", False)
            if self.without_body:
                if not self.complete:
                    return
                message = {"type": "http.response.body", "body": b""}
            else:
                self.size += len(message.get("body", b""))
        await self.forward(message)

    def _start(self, message: Message) -> None:
        self.started, self.status = True, message["status"]
        headers: Headers = message.setdefault("headers", [])
        stated = {name for name, _ in headers}
        headers.extend(self.extra)
        headers.extend(line for name, line in UNLESS_STATED.items() if name not in stated)
        if self.may_close and (self.closing or self.status in UNREAD):
            headers.append((b"connection", b"close"))
