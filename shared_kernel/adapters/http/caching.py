"""Answers that strangers get may be kept by caches on the way, for a short time (RFC 9111)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol, TypeVar
from uuid import UUID

from fastapi import Request, Response

from shared_kernel.adapters.http.access import maybe_caller
from shared_kernel.adapters.http.conditional import is_known, tag_of_version
from shared_kernel.adapters.http.cookies import session_cookie
from shared_kernel.adapters.http.headers import header
from shared_kernel.application import Caller
from shared_kernel.module import Services

E = TypeVar("E", bound=Callable[..., Any])
Lines = list[tuple[bytes, bytes]]

MARK = "__cached__"
VARY = (b"vary", b"authorization, cookie")


class Versions(Protocol):
    """Tells the version of an object without reading what is shown of it."""

    async def version(self, caller: Caller | None, id: UUID) -> int | None:
        """Return the version; None when there is no such object, or it is not theirs to see."""
        ...


@dataclass(frozen=True, slots=True)
class PublicCache:
    """What a route tells caches. By `versions` a client learns that what it has is still good."""

    versions: type[Versions] | None = None

    async def known_tag(self, request: Request) -> str | None:
        """Return the tag of the current version when the client has that already.

        Only of what an address shows by itself: parameters may show more than has the version.
        """
        if self.versions is None or header(request, b"if-none-match") is None:
            return None
        if (id := _id(request)) is None or request.scope["query_string"]:
            return None
        services: Services = request.app.state.services
        versions: Versions = services.get(self.versions)
        version = await versions.version(await maybe_caller(request), id)
        if version is None or not is_known(request, tag := tag_of_version(version)):
            return None
        return tag

    def lines(self, request: Request) -> Lines:
        """Return the header lines of a successful answer, whoever asks."""
        seconds: int = request.app.state.public_max_age
        if not seconds or not _is_strange(request):
            return [VARY]
        return [(b"cache-control", b"public, max-age=%d" % seconds), VARY]

    async def answer(self, request: Request, show: Callable[[], Awaitable[Response]]) -> Response:
        """Return an answer of the framework with what caches have to know."""
        if (tag := await self.known_tag(request)) is not None:
            return self.finished(request, _unchanged(tag))
        return self.finished(request, await show())

    def finished(self, request: Request, response: Response) -> Response:
        """Add to an answer what caches have to know."""
        body = getattr(response, "body", None)
        if response.status_code == 200 and "etag" not in response.headers and body is not None:
            tag = self.tag_of_body(request, body)
            if tag is not None and is_known(request, tag):
                response = _unchanged(tag)
            elif tag is not None:
                response.headers["ETag"] = tag
        if response.status_code in {200, 304}:
            response.raw_headers.extend(self.lines(request))
        return response

    def tag_of_body(self, request: Request, body: bytes) -> str | None:
        """Return a tag of what a stranger is shown. Weak: it may be packed differently."""
        if not _is_strange(request):
            return None
        return f'W/"{sha256(body).hexdigest()[:32]}"'


def publicly_cached(versions: type[Versions] | None = None) -> Callable[[E], E]:
    """Let caches keep what strangers are shown; `versions` reads the version alone (GET by id)."""

    def marked(endpoint: E) -> E:
        setattr(endpoint, MARK, PublicCache(versions))
        return endpoint

    return marked


def cache_of(endpoint: Callable[..., Any]) -> PublicCache | None:
    """Return what the endpoint declares, or None when it declares nothing."""
    declared: PublicCache | None = getattr(endpoint, MARK, None)
    return declared


def _unchanged(tag: str) -> Response:
    return Response(status_code=304, headers={"ETag": tag})


def _is_strange(request: Request) -> bool:
    return header(request, b"authorization") is None and session_cookie(request) is None


def _id(request: Request) -> UUID | None:
    """Return the id an address ends with."""
    try:
        return UUID([*request.path_params.values()][-1])
    except (IndexError, ValueError):
        return None
