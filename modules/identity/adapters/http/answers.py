"""What several endpoints of identity answer with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fastapi import Request, Response

from modules.identity.application.admission import SignedIn
from modules.identity.domain.session import Device
from shared_kernel.application import origin

NO_STORE = {"Cache-Control": "no-store"}
USER_AGENT_LENGTH, ADDRESS_LENGTH = 200, 45  # as much as is kept


@dataclass(frozen=True, slots=True)
class Accepted:
    """The request was taken. What came of it is told to the owner of the address alone."""

    status: Literal["accepted"] = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """`access_token` goes into `Authorization: Bearer ...` for `expires_in` seconds.

    `refresh_token` is exchanged for the next pair, once.
    """

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the type's name, no secret
    expires_in: int
    refresh_token: str


def tokens(signed: SignedIn, response: Response) -> Tokens:
    """Return what a device gets, for no cache to keep."""
    response.headers.update(NO_STORE)
    return Tokens(
        access_token=signed.access.text,
        expires_in=signed.access.expires_in,
        refresh_token=signed.refresh_token,
    )


def device_of(request: Request) -> Device:
    """Return what the request tells about where it comes from."""
    agent = request.headers.get("user-agent", "")
    shown = "".join(one for one in agent if one.isprintable())[:USER_AGENT_LENGTH]
    address = (origin.get().address or "")[:ADDRESS_LENGTH]
    return Device(address=address or None, user_agent=shown or None)
