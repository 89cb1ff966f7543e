"""Forms, for the few endpoints that a standard has them: everybody else takes JSON."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request

from shared_kernel.adapters.http.bodies import CONTROL
from shared_kernel.adapters.http.problems import Refused

FORM = "application/x-www-form-urlencoded"
MOST_BYTES, MOST_FIELDS = 8_192, 20


class MalformedForm(Refused):
    """The body is no form, or one that could be read in two ways."""

    def __init__(self, detail: str) -> None:
        super().__init__(400, "malformed_form", detail)


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a form in UTF-8, without those that are empty. Raises MalformedForm.

    Such an endpoint must prove who is asking by what the form holds, never by a cookie: a page of
    another site can have a browser send forms.
    """
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    if media_type.strip() != FORM or parameters.strip() not in {"", "charset=utf-8"}:
        raise MalformedForm(f"the body has to be {FORM} in UTF-8")
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise MalformedForm(f"a form has {MOST_BYTES} bytes at most")
    fields = _fields(body)
    form = dict(fields)
    if len(form) < len(fields):
        raise MalformedForm("a field is sent more than once")
    return form


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        fields = parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise MalformedForm("the form is not URL-encoded UTF-8, or has too many fields") from None
    if any(CONTROL.search(name + value) for name, value in fields):
        raise MalformedForm("the form holds a control character")
    return fields
