"""Every refusal is an `application/problem+json` document (RFC 9457)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import orjson
from fastapi import Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from shared_kernel.adapters.http.limits_told import fields
from shared_kernel.application import origin
from shared_kernel.domain import (
    Conflict,
    DomainError,
    Forbidden,
    InsufficientAuthentication,
    Invalid,
    NotFound,
    PreconditionRequired,
    RetryLater,
    Stale,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[type[DomainError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Stale: 412,
    Invalid: 422,
    PreconditionRequired: 428,
    TooManyRequests: 429,
    Unavailable: 503,
}

# pydantic's texts for these say what is allowed and repeat nothing of what was sent.
PLAIN = re.compile(
    r"missing|.*_(type|too_short|too_long)|(less|greater)_than(_equal)?|enum|literal_error"
)
NO_MEMBERS: Mapping[str, object] = MappingProxyType({})

MOST_FAULTS = 50  # a body of thousands must not make an answer larger than itself


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong. `pointer` (RFC 6901) starts at body, query, path or header."""

    pointer: str
    code: str
    message: str


class Refused(HTTPException):
    """A refusal of the HTTP layer itself, with a stable code."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, headers)
        self.code = code


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    faults: Sequence[Fault] = (),
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, object] = NO_MEMBERS,
) -> Response:
    """Return the problem document. `code` is stable; nothing of the request is repeated."""
    request_id, trace_id = origin.get().request_id, origin.get().trace_id
    body: dict[str, Any] = {
        "type": f"urn:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": f"urn:request:{request_id}",
        "code": code,
        "request_id": request_id,
        "trace_id": trace_id,
        **members,
    }
    if faults:
        body["errors"] = faults
    return Response(orjson.dumps(body), status, headers, media_type=MEDIA_TYPE)


def problem_of(error: Exception) -> Response:
    """Return the problem document of any error an endpoint may end with."""
    if isinstance(error, DomainError):
        return _of_domain(error)
    if isinstance(error, RequestValidationError):
        faults = [_fault(one) for one in error.errors()[:MOST_FAULTS]]
        return problem(422, "invalid", "the request is not valid", faults=faults)
    if isinstance(error, HTTPException):
        return _of_http(error)
    return problem(500, "internal_error", "something went wrong here; it has been logged")


def _of_domain(error: DomainError) -> Response:
    status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
    faults = [Fault(_place(error.field), error.code, str(error))] if error.field else []
    headers: dict[str, str] = {}
    if isinstance(error, RetryLater):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, TooManyRequests) and error.limit is not None:
        headers |= fields(error.limit, left=0, seconds=error.retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = _challenge(error)
    members = {"decision_id": error.decision_id} if isinstance(error, Forbidden) else NO_MEMBERS
    return problem(status, error.code, str(error), faults=faults, headers=headers, members=members)


def _place(field: str) -> str:
    return f"/query/{field[1:]}" if field.startswith("?") else f"/body{field}"


def _challenge(error: DomainError) -> str:
    """Return the challenge of a 401 (RFC 6750), which says how to step up (RFC 9470)."""
    if not isinstance(error, InsufficientAuthentication):
        return "Bearer"
    challenge = f'Bearer error="insufficient_user_authentication", error_description="{error}"'
    if error.max_age is not None:
        challenge += f', max_age="{error.max_age}"'
    return challenge + (f', acr_values="{error.methods}"' if error.methods else "")


def _of_http(error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    code = error.code if isinstance(error, Refused) else status.name.lower()
    detail = error.detail if isinstance(error, Refused) else status.phrase.lower()
    return problem(status, code, detail, headers=error.headers)


def _fault(error: Mapping[str, Any]) -> Fault:
    kind, place = str(error["type"]), [str(part) for part in error["loc"]]
    if kind in {"unexpected_keyword_argument", "extra_forbidden"}:
        # Where, and not which: the name was made up by the client.
        return Fault(_pointer(place[:-1]), "unknown_member", "has a member not known here")
    message = str(error["msg"]) if PLAIN.fullmatch(kind) else "is not a valid value"
    return Fault(_pointer(place), kind, message)


def _pointer(place: Sequence[str]) -> str:
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in place)
