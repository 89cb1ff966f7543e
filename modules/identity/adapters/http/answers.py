"""What several endpoints of identity answer with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal

import orjson
from fastapi import Request, Response

from modules.identity.application.admission import Admitted, SecondFactorNeeded, SignedIn
from modules.identity.application.api_keys import ApiKeyView
from modules.identity.application.passkeys import PasskeyView
from modules.identity.domain.session import Device
from shared_kernel.adapters.http import (
    MEDIA_TYPE,
    SESSION_COOKIE,
    Gate,
    cookie,
    keep_cookie,
    require_same_origin,
)
from shared_kernel.application import origin

NO_STORE = {"Cache-Control": "no-store"}
PROBLEM: Mapping[str, Any] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
"""How a refusal is documented that not every route of its kind answers with."""

USER_AGENT_LENGTH, ADDRESS_LENGTH = 200, 45  # as much as is kept
DEVICE_COOKIE, DEVICE_SECONDS = "__Host-device", 400 * 86_400  # browsers keep nothing for longer


@dataclass(frozen=True, slots=True)
class Accepted:
    """The request was taken. What came of it is told to the owner of the address alone."""

    status: Literal["accepted"] = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """`access_token` goes into `Authorization: Bearer ...` for `expires_in` seconds.

    `refresh_token` is exchanged for the next pair, once. `device_token` is sent with the next
    sign-in, so that failures of others do not make this device wait.
    """

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the type's name, no secret
    expires_in: int
    refresh_token: str
    device_token: str | None = None


Mode = Literal["token", "cookie"]
"""How a device keeps its session: tokens it handles itself, or a cookie its browser keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieKept:
    """The session is in a cookie (`__Host-session`) that lasts `expires_in` seconds."""

    status: Literal["signed_in"] = "signed_in"
    expires_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorRequired:
    """The sign-in waits for a second factor: `POST /login/second-factor` finishes it.

    With a passkey `POST /login/second-factor/passkey` does.

    `pending_token` is good for `expires_in` seconds and five attempts, by any of the `methods`:
    `otp`, `recovery_code`, `passkey`.
    """

    status: Literal["second_factor_required"] = "second_factor_required"
    pending_token: str = field(repr=False)
    methods: Sequence[str]
    expires_in: int


WAITING: Mapping[int | str, dict[str, Any]] = {
    202: {
        "model": SecondFactorRequired,
        "description": "The account has a second factor, which is needed as well.",
    }
}
"""The other answer of every route that signs somebody in."""


def admitted(outcome: Admitted, response: Response) -> Tokens | CookieKept | Response:
    """Return what a device gets. What is in the cookie is not in the body."""
    if isinstance(outcome, SecondFactorNeeded):
        return _waiting(outcome)
    return signed_in_with(outcome, response)


def _waiting(outcome: SecondFactorNeeded) -> Response:
    body = SecondFactorRequired(
        pending_token=outcome.pending_token,
        methods=outcome.methods,
        expires_in=outcome.expires_in,
    )
    return Response(orjson.dumps(body), 202, NO_STORE, "application/json")


def signed_in_with(outcome: SignedIn, response: Response) -> Tokens | CookieKept:
    """Return a session's tokens, or keep its cookie."""
    if outcome.cookie_seconds is None:
        return tokens(outcome, response)
    response.headers.update(NO_STORE)
    seconds = outcome.cookie_seconds
    keep_cookie(response, SESSION_COOKIE, outcome.refresh_token, seconds=seconds)
    if outcome.device_token is not None:
        keep_cookie(response, DEVICE_COOKIE, outcome.device_token, seconds=DEVICE_SECONDS)
    return CookieKept(expires_in=seconds)


def members(view: ApiKeyView | PasskeyView) -> dict[str, Any]:
    """Return what a view holds, for an answer that says more."""
    return {one.name: getattr(view, one.name) for one in fields(view)}


def tokens(signed: SignedIn, response: Response) -> Tokens:
    """Return a pair of tokens, for no cache to keep."""
    response.headers.update(NO_STORE)
    return Tokens(
        access_token=signed.access.text,
        expires_in=signed.access.expires_in,
        refresh_token=signed.refresh_token,
        device_token=signed.device_token,
    )


def device_of(request: Request, mode: Mode = "token", token: str | None = None) -> Device:
    """Return what the request tells about where it comes from.

    Raises Refused (403) when another site's page would have its visitor's browser sign in.
    """
    if mode == "cookie":
        gate: Gate = request.app.state.gate
        require_same_origin(request, gate.origins)
    agent = request.headers.get("user-agent", "")
    shown = "".join(one for one in agent if one.isprintable())[:USER_AGENT_LENGTH]
    address = (origin.get().address or "")[:ADDRESS_LENGTH]
    return Device(
        address=address or None,
        user_agent=shown or None,
        keeps_cookie=mode == "cookie",
        token=token or cookie(request, DEVICE_COOKIE),
    )
