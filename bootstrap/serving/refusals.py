"""What a client is told whose bytes never became a request."""

from __future__ import annotations

from http import HTTPStatus

from bootstrap.middleware.answers import ALWAYS, HSTS, UNLESS_STATED, Headers
from bootstrap.middleware.identity import request_id_of, trace_of
from shared_kernel.adapters.http import problem
from shared_kernel.application import Origin, origin


def refusal(status: HTTPStatus, code: str, detail: str, *, hsts: bool) -> bytes:
    """Return a whole answer of HTTP/1.1, after which the connection ends.

    `hsts`: it insists on HTTPS, like every other answer.
    """
    request_id = request_id_of(None)
    trace_id, traceparent = trace_of(None, request_id)
    before = origin.set(Origin(request_id=request_id, trace_id=trace_id))
    try:
        answer = problem(status, code, detail)
    finally:
        origin.reset(before)
    headers: Headers = [
        *answer.raw_headers,
        *ALWAYS,
        *(HSTS if hsts else []),
        *UNLESS_STATED.values(),
        (b"x-request-id", request_id.encode()),
        (b"traceparent", traceparent.encode()),
        (b"connection", b"close"),
    ]
    lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode(), *map(b": ".join, headers)]
    return b"\r\n".join([*lines, b"", bytes(answer.body)])
