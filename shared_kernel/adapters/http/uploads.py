"""Bodies that are files: larger than any other body may be, and read as they come."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from fastapi import Request

from shared_kernel.adapters.http.problems import Refused

E = TypeVar("E", bound=Callable[..., Any])

MARK = "__takes_files__"


def takes_files(endpoint: E) -> E:
    """Let the body be as large as the setting UPLOAD_MIB says, in place of 1 MiB.

    The endpoint takes the `Request`, asks `media_type_of`, and reads `request.stream()`.
    """
    setattr(endpoint, MARK, True)
    return endpoint


def may_take_files(endpoint: Callable[..., Any]) -> bool:
    """Say whether an endpoint is so marked."""
    return bool(getattr(endpoint, MARK, False))


def media_type_of(request: Request, known: Collection[str]) -> str:
    """Return the type of the body. Raises Refused (415) unless it is a known one in UTF-8."""
    sent = request.headers.get("content-type", "").lower()
    media_type, _, parameters = sent.partition(";")
    charset = parameters.strip().partition("charset=")[2].strip('"')
    if media_type.strip() not in known or charset not in {"", "utf-8"}:
        told = ", ".join(known)
        raise Refused(415, "unsupported_media_type", f"the body has to be one of {told}, in UTF-8")
    return media_type.strip()


def file_body(known: Collection[str]) -> dict[str, Any]:
    """Return what describes such a body: `openapi_extra=file_body(...)`."""
    content = {one: {"schema": {"type": "string", "format": "binary"}} for one in known}
    return {"requestBody": {"required": True, "content": content}}
