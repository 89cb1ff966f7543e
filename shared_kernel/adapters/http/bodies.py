"""JSON bodies, read strictly: what is ambiguous, oversized or not text is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, islice
from typing import Any, cast

import orjson
from fastapi import Request

from shared_kernel.adapters.http.problems import Refused

MAX_DEPTH = 32
MAX_VALUES = 10_000  # names and values: a megabyte of them would keep everybody else waiting
JSON = frozenset({"application/json", "application/merge-patch+json"})

# Escapes of control characters (a few escaped backslashes match too, and are looked at closely).
SUSPECT = re.compile(rb"\\u00[01][0-9a-fA-F]|\\u007[fF]|\\[bf]|\x7f")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class TooManyValues(Refused):
    """The body holds more than any endpoint takes."""

    def __init__(self) -> None:
        super().__init__(400, "json_too_long", f"the body holds more than {MAX_VALUES} values")


class StrictRequest(Request):
    """A request whose JSON is UTF-8, at most 32 deep, without NaN, surrogates and controls.

    It holds 10,000 names and values at most.

    An integer beyond 64 bits is read as a float, which no integer field accepts; of repeated
    members the last one counts, as everywhere here.
    """

    async def json(self) -> Any:
        return read_json(await self.body())


def require_json(request: Request) -> None:
    """Raise Refused (415) when the body is something else. A form is how other sites would send."""
    sent = request.headers.get("content-type", "").lower()
    media_type, _, parameters = sent.partition(";")
    charset = parameters.strip().partition("charset=")[2].strip('"')
    is_json = media_type.strip() in JSON and charset in {"", "utf-8"}
    if not is_json and _has_body(request):
        raise Refused(415, "unsupported_media_type", "the body has to be application/json in UTF-8")


def _has_body(request: Request) -> bool:
    length = request.headers.get("content-length")
    return length != "0" if length is not None else "transfer-encoding" in request.headers


def read_json(body: bytes) -> Any:
    """Return the value of a JSON document. Raises Refused (400)."""
    if body.count(b"[") + body.count(b"{") > MAX_VALUES:
        raise TooManyValues  # not even parsed: it is the making of so many objects that takes long
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(400, "malformed_json", "the body is not valid JSON in UTF-8") from None
    _check(value, look_closely=SUSPECT.search(body) is not None)
    return value


def _check(value: Any, *, look_closely: bool) -> None:
    """Walk through the document level by level, which bounds its depth and the work."""
    level, seen = [value], 0
    for _ in range(MAX_DEPTH + 1):
        if look_closely and any(isinstance(one, str) and CONTROL.search(one) for one in level):
            raise Refused(400, "control_character", "the body holds a control character")
        holders = [cast("Any", one) for one in level if isinstance(one, dict | list)]
        if not holders:
            return
        level = list(islice(chain.from_iterable(map(_parts, holders)), MAX_VALUES - seen + 1))
        seen += len(level)
        if seen > MAX_VALUES:
            raise TooManyValues
    raise Refused(400, "json_too_deep", f"the body is nested deeper than {MAX_DEPTH}")


def _parts(value: Any) -> Iterable[Any]:
    """Return the members of an object, names and values, or the elements of an array."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return chain(members, members.values())
    return cast("list[Any]", value)
