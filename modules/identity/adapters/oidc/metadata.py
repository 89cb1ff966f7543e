"""What a provider says of itself (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import httpx2

from modules.identity.domain.providers import Provider

PATH = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The endpoints of a provider, all of them on hosts that are configured.

    names_itself  it says in every answer who answers (RFC 9207)
    posts_secret  it takes the client's secret only in the body of a request
    """

    authorization: str
    token: str
    keys: str
    userinfo: str | None = None
    names_itself: bool = False
    posts_secret: bool = False


def discovery_url(provider: Provider) -> str:
    """Return where the metadata is."""
    return provider.issuer.removesuffix("/") + PATH


def read_metadata(document: object, provider: Provider) -> Metadata:
    """Return what is used of the document. Raises ValueError.

    The issuer has to be the one configured, to the letter: otherwise one provider could speak
    for another. Algorithms it offers are of no interest: those allowed are configured.
    """
    found = members(document)
    if found.get("issuer") != provider.issuer:
        raise ValueError("the metadata is another issuer's")
    methods = found.get("token_endpoint_auth_methods_supported")
    listed = cast("list[object]", methods) if isinstance(methods, list) else []
    return Metadata(
        authorization=_endpoint(found, "authorization_endpoint", provider),
        token=_endpoint(found, "token_endpoint", provider),
        keys=_endpoint(found, "jwks_uri", provider),
        userinfo=(
            _endpoint(found, "userinfo_endpoint", provider)
            if "userinfo_endpoint" in found
            else None
        ),
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
        posts_secret="client_secret_post" in listed and "client_secret_basic" not in listed,
    )


def members(document: object) -> Mapping[str, Any]:
    """Return the members of a JSON object. Raises ValueError."""
    if not isinstance(document, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - garbage from outside, not a defect here
    return cast("dict[str, Any]", document)


def _endpoint(found: Mapping[str, Any], name: str, provider: Provider) -> str:
    text = found.get(name)
    if not isinstance(text, str):
        raise ValueError(f"{name} is missing")  # noqa: TRY004 - garbage from outside
    url = httpx2.URL(text)
    scheme = "http" if provider.is_plain else "https"
    if url.scheme != scheme or url.netloc.decode() not in provider.hosts or url.userinfo:
        raise ValueError(f"{name} is on a host that is not configured")
    return text
