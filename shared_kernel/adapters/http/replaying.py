"""Answers that are given again, and those that have to be made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import Message, Scope

from shared_kernel.adapters.http.problems import Refused
from shared_kernel.application.idempotency import CarriedOut, KeptAnswer
from shared_kernel.domain import DomainError, RetryLater, Unavailable

REPLAYED = "Idempotency-Replayed"

KEPT_HEADERS = ("content-type", "etag", "location")
MOST_KEPT = 262_144
"""Bytes of a body. What is larger is read again instead of kept."""

# Of the request, not of what is read to answer it.
NOT_FOR_READING = frozenset(
    {b"content-length", b"content-type", b"idempotency-key", b"if-match", b"if-none-match",
     b"transfer-encoding"}
)  # fmt: skip


def kept(response: Response) -> KeptAnswer | None:
    """Return what is kept of an answer; None when it is no success, a stream, or too large."""
    body = getattr(response, "body", None)
    if response.status_code >= 300 or not isinstance(body, bytes) or len(body) > MOST_KEPT:
        return None
    stated = response.headers
    headers = {name: stated[name] for name in KEPT_HEADERS if name in stated}
    return KeptAnswer(response.status_code, headers, body)


async def replayed(request: Request, route: APIRoute, known: CarriedOut) -> Response:
    """Return the answer to a request that was carried out before.

    Where it was not kept, what the request changed is read as it is now. Raises Refused (409) when
    that cannot be read any more.
    """
    answer = known.answer or await _made_again(request, route, known.made)
    headers = {**answer.headers, REPLAYED: "true"}
    return Response(answer.body, answer.status, headers)


async def _made_again(request: Request, route: APIRoute, made: UUID | None) -> KeptAnswer:
    status = route.status_code or 200
    if route.response_field is None:
        return KeptAnswer(status, {}, b"")
    path = _changed_at(request, status, made)
    shown = await _read(request, path) if path is not None else Shown()
    headers = {"location": path} if path is not None and made is not None and status == 201 else {}
    if shown.status != 200 or shown.view != route.response_model:
        raise Refused(
            409,
            "idempotency_answer_lost",
            "the request was carried out; its answer was lost, and cannot be made again",
            headers,
        )
    return KeptAnswer(status, {**shown.headers, **headers}, shown.body)


def _changed_at(request: Request, status: int, made: UUID | None) -> str | None:
    """Return where to read what was changed: what a collection got, or what an action is of."""
    path: str = request.scope["path"]
    if status == 201:
        return f"{path}/{made}" if made is not None else None
    return path if request.method == "PATCH" else path.rpartition("/")[0]


@dataclass(slots=True)
class Shown:
    """The answer to a request made here. `view` is what its route shows."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    view: object = None

    async def take(self, message: Message) -> None:
        """Take one message of the answer."""
        if message["type"] == "http.response.start":
            sent = {
                bytes(name).decode(): bytes(value).decode() for name, value in message["headers"]
            }
            self.status = message["status"]
            self.headers = {name: sent[name] for name in KEPT_HEADERS if name in sent}
        else:
            self.body += message.get("body", b"")


async def _read(request: Request, path: str) -> Shown:
    """Ask for something in the name of the caller, who has to be allowed to read it."""
    sent, shown = request.scope, Shown()
    scope: Scope = {
        **{name: sent[name] for name in sent if name not in {"path_params", "route", "endpoint"}},
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [one for one in sent["headers"] if one[0] not in NOT_FOR_READING],
    }
    try:
        await request.app.router(scope, _nothing, shown.take)
    except RetryLater:
        raise
    except (DomainError, HTTPException):
        return shown
    if shown.status >= 500:
        raise Unavailable("the answer cannot be made again now")
    shown.view = getattr(scope.get("route"), "response_model", None)
    return shown


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
