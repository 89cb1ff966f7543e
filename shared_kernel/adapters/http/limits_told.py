"""Tells how many requests are left (draft-ietf-httpapi-ratelimit-headers)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeVar

from fastapi import Response

from shared_kernel.application import spent
from shared_kernel.domain import Limit

R = TypeVar("R", bound=Response)


def fields(limit: Limit, *, left: int, seconds: int) -> Mapping[str, str]:
    """Return the fields that say what the limit is, and what is left of it for so many seconds."""
    window = int(limit.window.total_seconds())
    return {
        "RateLimit-Policy": f'"{limit.name}";q={limit.quota};w={window}',
        "RateLimit": f'"{limit.name}";r={left};t={seconds}',
    }


def telling(response: R) -> R:
    """Add to an answer what is left of the limit that its request counted against, once."""
    found = spent.get()
    if found is not None:
        spent.set(None)
        left = max(found.limit.quota - found.allowance.taken, 0)
        seconds = math.ceil(found.allowance.ends_in.total_seconds())
        response.headers.update(fields(found.limit, left=left, seconds=seconds))
    return response
