"""The one middleware: pure ASGI, a few microseconds a request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from bootstrap.logging import AccessLog
from bootstrap.middleware.answers import ALWAYS, HSTS, PREFLIGHT, Answer, Headers, cors_headers
from bootstrap.middleware.guard import Guard, limited
from bootstrap.middleware.identity import request_id_of, trace_of
from bootstrap.middleware.rules import MAX_BODY, Clients, Hosts, Rules
from shared_kernel.adapters.http import Refused, problem_of
from shared_kernel.application import Origin, origin

log = logging.getLogger(__name__)


class Edge:
    """Names each request, refuses what no endpoint should see, dresses and logs each answer.

    `stopping` tells whether this process is about to end: clients are then asked to close their
    connections. `route_of` gives the template of the route a scope was matched to; `takes_files`
    says of one not yet matched whether its body may be a file.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        rules: Rules,
        stopping: Callable[[], bool],
        route_of: Callable[[Scope], str | None],
        takes_files: Callable[[Scope], bool] = lambda _: False,
    ) -> None:
        self._app, self._rules = app, rules
        self._stopping, self._route_of, self._takes_files = stopping, route_of, takes_files
        self._guard, self._clients = Guard(Hosts(rules.hosts)), Clients(rules.proxies)
        self._always: Headers = [*ALWAYS, *(HSTS if rules.hsts else [])]
        self._access = AccessLog()
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, known = perf_counter(), dict[bytes, bytes](scope["headers"])
        came_from, answer = self._begin(scope, known, send)
        if answer.without_body:
            scope = {**scope, "method": "GET"}
        token = origin.set(came_from)
        self._in_flight += 1
        try:
            await self._serve(scope, known, receive, answer)
        finally:
            self._in_flight -= 1
            self._note(scope, answer, begun)
            origin.reset(token)

    def _begin(self, scope: Scope, known: dict[bytes, bytes], send: Send) -> tuple[Origin, Answer]:
        request_id = request_id_of(known.get(b"x-request-id"))
        trace_id, traceparent = trace_of(known.get(b"traceparent"), request_id)
        peer = scope["client"][0] if scope.get("client") else None
        address = self._clients.address(peer, known.get(b"x-forwarded-for"))
        extra = [
            *self._always,
            (b"x-request-id", request_id.encode()),
            (b"traceparent", traceparent.encode()),
            *cors_headers(self._rules.origins, known.get(b"origin")),
        ]
        answer = Answer(
            send,
            extra,
            without_body=scope["method"] == "HEAD",
            closing=self._stopping(),
            may_close=scope["http_version"].startswith("1"),
        )
        return Origin(request_id=request_id, trace_id=trace_id, address=address), answer

    async def _serve(
        self, scope: Scope, known: dict[bytes, bytes], receive: Receive, answer: Answer
    ) -> None:
        try:
            self._guard.check(scope, known)
            body = limited(scope, known, receive, self._rules.body_seconds, self._most)
            if _is_preflight(scope, known, answer):
                await _answer_preflight(answer)
                return
            self._check_load(scope)
            await self._app(scope, body, answer.send)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the last resort: nobody above us can answer
            await self._refuse(error, scope, receive, answer)

    def _most(self, scope: Scope) -> int:
        return self._rules.max_upload if self._takes_files(scope) else MAX_BODY

    async def _refuse(
        self, error: Exception, scope: Scope, receive: Receive, answer: Answer
    ) -> None:
        if not isinstance(error, Refused):
            log.error("unhandled error", exc_info=error)
        if answer.started:
            raise BrokenOff from None  # too late for a problem document; the server cuts it off
        refusal = problem_of(error)
        answer.closing |= refusal.status_code == 400  # what follows may not be a request at all
        await refusal(scope, receive, answer.send)

    def _check_load(self, scope: Scope) -> None:
        if self._in_flight > self._rules.at_once and not scope["path"].startswith("/health/"):
            raise Refused(503, "overloaded", "too many requests at once", {"Retry-After": "1"})

    def _note(self, scope: Scope, answer: Answer, begun: float) -> None:
        now = origin.get()
        probe = scope["path"].startswith("/health/") and answer.status < 400
        fields = {
            "request_id": now.request_id,
            "trace_id": now.trace_id,
            "method": "HEAD" if answer.without_body else scope["method"],
            "route": self._route_of(scope),
            "status": answer.status,
            "ms": round((perf_counter() - begun) * 1000, 2),
            "bytes": answer.size,
            "caller_id": str(now.actor_id) if now.actor_id else None,
            "address": now.address,
        }
        self._access.write(logging.DEBUG if probe else logging.INFO, fields)


class BrokenOff(Exception):
    """An answer that had begun could not be finished. What went wrong has been logged."""


def _is_preflight(scope: Scope, known: dict[bytes, bytes], answer: Answer) -> bool:
    return (
        scope["method"] == "OPTIONS"
        and b"access-control-request-method" in known
        and any(name == b"access-control-allow-origin" for name, _ in answer.extra)
    )


async def _answer_preflight(answer: Answer) -> None:
    await answer.send({"type": "http.response.start", "status": 204, "headers": [*PREFLIGHT]})
    await answer.send({"type": "http.response.body", "body": b""})
