"""The token endpoint of OAuth 2 (RFC 6749), for service accounts and nobody else."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import unquote_plus

import orjson
from fastapi import Request, Response

from modules.identity.application.client_credentials import (
    ClientCredentials,
    ClientRefused,
    IssueClientToken,
)
from modules.identity.domain.api_key import ScopeUnknown
from shared_kernel.adapters.http import MalformedForm, Router, public, read_form, use

router = Router(tags=["identity"])

GRANT = "client_credentials"
MOST_SCOPE = 100
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")  # RFC 6749, section 3.3
HEADERS = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # section 5.1 wants both
CHALLENGE = {"WWW-Authenticate": 'Basic realm="token"'}

Code = Literal["invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type"]


class Unreadable(Exception):
    """The request breaks a rule of RFC 6749."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code: Code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientToken:
    """`access_token` goes into `Authorization: Bearer ...` for `expires_in` seconds.

    `scope` is there when one was asked for. There is no refresh token: ask again.
    """

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class OAuthError:
    """Why there is no token (RFC 6749, section 5.2)."""

    error: Code


FORM_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "enum": [GRANT]},
        "client_id": {"type": "string", "maxLength": 36, "description": "Of the account."},
        "client_secret": {"type": "string", "maxLength": 200, "format": "password"},
        "scope": {
            "type": "string",
            "maxLength": 8192,
            "description": "Permissions to be limited to, separated by spaces.",
        },
    },
}
DESCRIBED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": FORM_SCHEMA}},
    }
}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": ClientToken, "description": "An access token (RFC 9068)."},
    400: {"model": OAuthError, "description": "The request breaks a rule of RFC 6749."},
    401: {"model": OAuthError, "description": "The client is unknown, or its secret is wrong."},
}


@router.post("/oauth/token", responses=ANSWERS, openapi_extra=DESCRIBED)
@public
async def issue_client_token(
    request: Request, issue: Annotated[IssueClientToken, use(IssueClientToken)]
) -> Response:
    """Exchange a service account's secret for an access token: OAuth 2 client credentials.

    The client names itself by HTTP Basic or in the form: its id, and one of its secrets. Errors
    are those of RFC 6749.
    """
    try:
        asked = _asked(await read_form(request), request.headers.get("authorization"))
        token = await issue(asked)
    except MalformedForm:
        return _refusal("invalid_request")
    except Unreadable as error:
        return _refusal(error.code)
    except ClientRefused:
        return _refusal("invalid_client")
    except ScopeUnknown:
        return _refusal("invalid_scope")
    body: dict[str, object] = {
        "access_token": token.text,
        "token_type": "Bearer",
        "expires_in": token.expires_in,
    }
    if asked.scope is not None:
        body["scope"] = " ".join(sorted(asked.scope))
    return Response(orjson.dumps(body), 200, HEADERS, media_type="application/json")


def _refusal(code: Code) -> Response:
    status, challenge = (401, CHALLENGE) if code == "invalid_client" else (400, {})
    return Response(
        orjson.dumps({"error": code}),
        status,
        {**HEADERS, **challenge},
        media_type="application/json",
    )


def _asked(form: Mapping[str, str], authorization: str | None) -> ClientCredentials:
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise Unreadable("invalid_request")
    client_id, secret = _client(form, authorization)
    if grant_type != GRANT:
        raise Unreadable("unsupported_grant_type")
    return ClientCredentials(
        client_id=client_id, client_secret=secret, scope=_scope(form.get("scope"))
    )


def _client(form: Mapping[str, str], authorization: str | None) -> tuple[str, str]:
    """Return the client's id and secret, sent in one way and not in two (section 2.3)."""
    named, secret = form.get("client_id"), form.get("client_secret")
    if authorization is None:
        if named is None or secret is None:
            raise Unreadable("invalid_client")
        return named, secret
    by_header = _basic(authorization)
    if secret is not None or named not in {None, by_header[0]}:
        raise Unreadable("invalid_request")
    return by_header


def _basic(authorization: str) -> tuple[str, str]:
    """Read HTTP Basic, whose parts are URL-encoded before they are joined (section 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        text = b64decode(encoded.strip(), validate=True).decode()
    except (NotBase64, ValueError):
        raise Unreadable("invalid_client") from None
    named, colon, secret = text.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise Unreadable("invalid_client")
    return unquote_plus(named), unquote_plus(secret)


def _scope(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    names = frozenset(text.split(" "))
    if len(names) > MOST_SCOPE or not all(SCOPE.fullmatch(one) for one in names):
        raise Unreadable("invalid_scope")
    return names
