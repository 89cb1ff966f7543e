"""Codes that follow from a seed and the time (RFC 6238): SHA-1, six digits, thirty seconds.

These are the parameters that every authenticator app knows. HMAC does not rest on what is broken
about SHA-1 (RFC 6234, RFC 6194).
"""

from __future__ import annotations

import hmac
from datetime import datetime

DIGITS, STEP_SECONDS = 6, 30
WINDOW = 1  # steps before and after: clocks differ, and typing takes a while


def step_at(at: datetime) -> int:
    """Return the number of the time step."""
    return int(at.timestamp()) // STEP_SECONDS


def code_of(seed: bytes, step: int, *, digits: int = DIGITS) -> str:
    """Return the code of a step (RFC 4226, section 5.3)."""
    digest = hmac.digest(seed, step.to_bytes(8), "sha1")
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4]) & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_of(seed: bytes, code: str, *, at: datetime, after: int | None) -> int | None:
    """Return the step that a code belongs to, if it is one of the window and after `after`.

    All steps of the window are compared, whichever fits.
    """
    now, found = step_at(at), None
    for step in range(now - WINDOW, now + WINDOW + 1):
        fits = hmac.compare_digest(code_of(seed, step).encode(), code.encode())
        if fits and (after is None or step > after):
            found = step
    return found


def looks_like_a_code(text: str) -> bool:
    """Say whether a text is a code of an app, rather than anything else."""
    return len(text) == DIGITS and text.isascii() and text.isdigit()
