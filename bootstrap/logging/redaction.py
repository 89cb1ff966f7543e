"""Keeps secrets out of the log: by the name of a member, and by what they look like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

HIDDEN = "[hidden]"
MAX_DEPTH = 6

SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)|secret|token|authorization|cookie|credential|api_?key|private_?key"
    r"|otp|(database|broker|redis|amqp|nats)_?url|dsn",
    re.IGNORECASE,
)

# What is left of a match is its first group: enough to see what kind of secret stood there.
SECRETS = re.compile(
    r"""
      \b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}           # credentials of a header
    | \b(eyJ)[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?  # a JWT
    | \b([a-z]{2,12}_(?:rt|pat|sat|at|st|vt|otp|link|ses|mfa|dev))_[A-Za-z0-9]{8,}  # our tokens
    | (\b[a-z][a-z0-9+.-]*://[^\s/@:"']{0,200}):[^\s@"']+(?=@)      # a password in a URL
    | (\b(?:password|passwd|secret|token|api_?key)["']?\s*[=:]\s*["']?)[^\s"',;&}]{3,}
    | (\bDETAIL:)\s[^\n]+                                           # PostgreSQL repeats the row
    """,
    re.IGNORECASE | re.VERBOSE,
)


def without_secrets(text: str) -> str:
    """Return the text with everything that looks like a secret hidden."""
    return SECRETS.sub(_kept, text)


def redacted(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Return a copy of a value of the log without its secrets."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, bool | int | float) or value is None:
        return value
    if depth == 0:
        return HIDDEN
    if isinstance(value, Mapping):
        return redacted_members(cast("Mapping[object, Any]", value), depth - 1)
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(one, depth - 1) for one in cast("list[Any]", value)]
    return without_secrets(str(value))


def redacted_members(members: Mapping[object, Any], depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Return the members, with those hidden whose name says that they are secret."""
    return {
        str(name): HIDDEN if SECRET_NAME.search(str(name)) else redacted(value, depth)
        for name, value in members.items()
    }


def _kept(match: re.Match[str]) -> str:
    kept = next((group for group in match.groups() if group), "")
    return f"{kept} {HIDDEN}"
