"""What a request is called: its request id, and its place in a trace (W3C Trace Context)."""

from __future__ import annotations

import os
import re

from shared_kernel.domain import new_id_text

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
TRACEPARENT = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
PLAIN = re.compile("[0-9a-f]{32}")
NO_TRACE, NO_SPAN = b"0" * 32, b"0" * 16
ZEROS = "0" * 16


def request_id_of(sent: bytes | None) -> str:
    """Return the id the client chose, if it is harmless wherever it is shown, or a new one."""
    if sent is not None and REQUEST_ID.fullmatch(sent):
        return sent.decode()
    return new_id_text()


def trace_of(sent: bytes | None, request_id: str) -> tuple[str, str]:
    """Return the trace id and our own `traceparent`: the client's trace, or a new one."""
    found = TRACEPARENT.fullmatch(sent) if sent is not None else None
    if found and found[1] != NO_TRACE and found[2] != NO_SPAN:
        trace = found[1].decode()
        return trace, f"00-{trace}-{os.urandom(8).hex()}-{found[3].decode()}"
    plain = request_id.replace("-", "")
    trace = plain if PLAIN.fullmatch(plain) else os.urandom(16).hex()
    # The latter half of a UUIDv7 is random, and never all zeros: a name for the first span.
    span = trace[16:] if trace[16:] != ZEROS else os.urandom(8).hex()
    return trace, f"00-{trace}-{span}-00"
