"""Reads a request header without a copy of all of them."""

from __future__ import annotations

from fastapi import Request


def header(request: Request, name: bytes) -> str | None:
    """Return the first header of that lower-case name."""
    for one, value in request.scope["headers"]:
        if one == name:
            return str(value, "latin-1")
    return None
