"""The session cookie: only for this host, out of reach of scripts, never sent by other sites."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import Request, Response

from shared_kernel.adapters.http.headers import header
from shared_kernel.adapters.http.problems import Refused

SESSION_COOKIE = "__Host-session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def session_cookie(request: Request) -> str | None:
    """Return the value of the session cookie."""
    return cookie(request, SESSION_COOKIE)


def cookie(request: Request, name: str) -> str | None:
    """Return the value of a cookie, None unless the request carries exactly one of the name.

    HTTP/2 may spread cookies over several lines (RFC 9113, section 8.2.3).
    """
    lines = [value for key, value in request.scope["headers"] if key == b"cookie"]
    if not lines:
        return None
    carried = str(b";".join(lines), "latin-1")
    pairs = (one.strip().partition("=") for one in carried.split(";"))
    found = [value for key, _, value in pairs if key == name]
    return found[0] if len(found) == 1 else None


def keep_cookie(response: Response, name: str, value: str, *, seconds: int) -> None:
    """Have the browser keep a cookie (RFC 6265bis) that this host alone can set and read."""
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict"
    )


def forget_cookie(response: Response, name: str) -> None:
    """Have the browser forget a cookie."""
    keep_cookie(response, name, "", seconds=0)


def require_same_origin(request: Request, origins: Collection[str]) -> None:
    """Raise Refused (403) unless a browser says that a page of ours, or of `origins`, sends it.

    A browser attaches cookies whoever makes it send a request. It also says who did, in headers
    no page can set: `Sec-Fetch-Site`, or `Origin` in older ones.
    """
    if header(request, b"sec-fetch-site") in {"same-origin", "none"}:
        return
    origin = header(request, b"origin")
    if origin is None or origin.lower() not in origins:
        raise Refused(
            403, "cross_site_request", "a request with a cookie has to come from a page of ours"
        )
