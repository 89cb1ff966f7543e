"""How a log line looks: JSON for machines, one line of text for a person."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, cast

import orjson

from bootstrap.logging.redaction import redacted_members, without_secrets
from shared_kernel.application import origin

Event = dict[str, Any]
Raised = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]

# Line breaks of every kind, escape sequences, and what turns the direction of writing.
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
COLOURS = {"debug": "2", "info": "32", "warning": "33", "error": "31", "critical": "31;1"}


def as_json(event: Event) -> bytes:
    """Return one JSON document and a newline."""
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS) + b"\n"


def as_text(event: Event, *, colours: bool) -> bytes:
    """Return one readable line, and the exception below it, indented. Nothing can fake a line."""
    time, level = str(event.pop("time"))[11:23], str(event.pop("level"))
    raised = event.pop("exception", None)
    name, message = event.pop("logger"), safe(str(event.pop("event")))
    rest = " ".join(f"{safe(str(key))}={_shown(value)}" for key, value in event.items())
    shade = f"\x1b[{COLOURS.get(level, '0')}m{level:<8}\x1b[0m" if colours else f"{level:<8}"
    text = f"{time} {shade} {message}" + (f"  {rest}" if rest else "") + f"  ({name})\n"
    below = "".join(f"    {safe(line)}\n" for line in str(raised).splitlines()) if raised else ""
    return (text + below).encode("utf-8", "backslashreplace")


def standing(event: Event, level: str, logger: str) -> Event:
    """Return the event with what every line carries, and without secrets."""
    said = str(event.pop("event", ""))
    raised = exception_text(event.pop("exc_info", None))
    now = origin.get()
    line: Event = {"time": timestamp(), "level": level, "event": without_secrets(said)}
    if now.request_id != "-":
        line["request_id"] = now.request_id
        line["trace_id"] = now.trace_id
    if now.actor_id is not None:
        line["caller_id"] = str(now.actor_id)
    if now.impersonator_id is not None:
        line["impersonator_id"] = str(now.impersonator_id)
    line.update(redacted_members(cast("Mapping[object, Any]", event)))
    if raised:
        line["exception"] = raised
    line["logger"] = logger
    return line


def timestamp() -> str:
    """Return the time now: UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def exception_text(raised: object) -> str | None:
    """Return a traceback without the values of variables, and without secrets in its messages."""
    if raised is True:
        raised = sys.exc_info()[1]
    if isinstance(raised, tuple):
        raised = cast("Raised", raised)[1]
    if not isinstance(raised, BaseException):
        return None
    return without_secrets("".join(traceback.format_exception(raised)).rstrip())


def safe(text: str) -> str:
    """Return the text with its control characters written out: `\\n`, `\\x1b`."""
    return UNSAFE.sub(
        lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text
    )


def _shown(value: Any) -> str:
    text = safe(str(value))
    return f'"{text}"' if " " in text or not text else text
