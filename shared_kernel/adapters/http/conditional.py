"""Conditional requests (RFC 9110, section 13): versions as strong entity tags."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import Annotated, Any

from fastapi import Header, Request, Response

from shared_kernel.adapters.http.headers import header
from shared_kernel.adapters.http.problems import Refused
from shared_kernel.domain import Stale

served_version: ContextVar[int | None] = ContextVar("served_version", default=None)

TAG = re.compile(r'"v([1-9][0-9]{0,8})"')


def notes_version(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap an endpoint so that the `version` of the view it returns becomes the entity tag."""

    @wraps(endpoint)
    async def noting(*args: Any, **kwargs: Any) -> Any:
        view = await endpoint(*args, **kwargs)
        served_version.set(view.version)
        return view

    return noting


def tagged(request: Request, response: Response) -> Response:
    """Add the entity tag of what was served; answer 304 when the client has that version."""
    tag = taken_tag()
    if tag is None:
        return response
    if is_known(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return response


def taken_tag() -> str | None:
    """Return the entity tag of what the endpoint returned, once; None when it has no version."""
    version = served_version.get()
    if version is None:
        return None
    served_version.set(None)
    return tag_of_version(version)


def tag_of_version(version: int) -> str:
    """Return the entity tag of a version."""
    return f'"v{version}"'


def is_known(request: Request, tag: str) -> bool:
    """Whether the client has that version already, and asks for nothing but to read it."""
    sent = header(request, b"if-none-match")
    if sent is None or request.method != "GET":
        return False
    return tag.removeprefix("W/") in _tags(sent)


async def expected_version(
    if_match: Annotated[
        str | None, Header(max_length=200, description="The `ETag` the change is based on.")
    ] = None,
) -> int:
    if if_match is None:
        raise Refused(428, "precondition_required", "send the ETag you read in If-Match")
    tag = TAG.fullmatch(if_match.strip())
    if tag is None:
        raise Stale("If-Match does not name the current version; read it again")
    return int(tag[1])


async def expected_version_of_old(
    if_match: Annotated[
        str | None,
        Header(max_length=200, description="The `ETag` of what is replaced; none to make it new."),
    ] = None,
) -> int | None:
    return None if if_match is None else await expected_version(if_match)


def _tags(header: str) -> set[str]:
    """Return the tags of If-None-Match; its comparison is weak, so `W/` does not matter."""
    return {one.strip().removeprefix("W/") for one in header.split(",")}
