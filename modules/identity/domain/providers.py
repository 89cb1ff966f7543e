"""The providers people may sign in with: read from one setting, checked before anything starts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, cast

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
LOOPBACK = r"http://(?:127\.0\.0\.1|localhost|\[::1\])"
ORIGIN = rf"(?:https://[a-z0-9-]+(?:\.[a-z0-9-]+)*|{LOOPBACK})(?::\d{{1,5}})?"
PLACE = re.compile(rf"({ORIGIN})(?:/[A-Za-z0-9._~/-]*)?")
HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?")

ASYMMETRIC = ("RS256", "ES256", "Ed25519", "EdDSA")
"""What an ID token may be signed with. Never `none`, and nothing a shared secret verifies."""

MEMBERS = frozenset({"issuer", "client_id", "client_secret", "scopes", "algorithms", "hosts"})


class ProviderKind(StrEnum):
    """How a provider tells who somebody is."""

    OPENID = "openid"
    GITHUB = "github"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider.

    issuer      who vouches: the first half of every identity, compared exactly
    algorithms  the only ones its ID tokens may be signed with
    hosts       `host` or `host:port`: the only ones that are ever called, the issuer's included
    """

    name: str
    kind: ProviderKind = ProviderKind.OPENID
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ("openid", "email")
    algorithms: tuple[str, ...] = ASYMMETRIC
    hosts: frozenset[str] = frozenset()

    @property
    def is_plain(self) -> bool:
        """Whether it is reached without encryption, which only this machine may be."""
        return self.issuer.startswith("http://")


PRESETS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "google": {
            "issuer": "https://accounts.google.com",
            "algorithms": ["RS256"],
            "hosts": [
                "oauth2.googleapis.com",
                "openidconnect.googleapis.com",
                "www.googleapis.com",
            ],
        },
        "github": {
            "issuer": "https://github.com",
            "scopes": ["user:email"],
            "hosts": ["api.github.com"],
        },
    }
)


def read_providers(value: object) -> tuple[Provider, ...]:
    """Return the providers of a JSON object: `{"name": {"issuer": ..., "client_id": ...}, ...}`.

    Raises ValueError, which names the member at fault and repeats no value.
    """
    if isinstance(value, tuple):  # read before
        return cast("tuple[Provider, ...]", value)
    try:
        found: object = json.loads(str(value)) if str(value).strip() else {}
    except ValueError:
        raise ValueError("is no JSON") from None
    return tuple(_provider(name, one) for name, one in _object(found, "it").items())


def read_places(values: Iterable[str]) -> tuple[str, ...]:
    """Return addresses of front ends: https, or http on this machine; no query, no fragment.

    Raises ValueError.
    """
    places = tuple(values)
    if not all(PLACE.fullmatch(one) for one in places):
        raise ValueError("needs addresses such as https://app.example.com/signed-in")
    return places


def _provider(name: str, given: object) -> Provider:
    if NAME.fullmatch(name) is None:
        raise ValueError("a name is lower case letters, digits and -, at most 32")
    members = {**PRESETS.get(name, {}), **_object(given, name)}
    if unknown := members.keys() - MEMBERS:
        raise ValueError(f"{name}: {', '.join(sorted(unknown))}: not known")
    issuer = _text(members, "issuer", name)
    origin = PLACE.fullmatch(issuer)
    if origin is None:
        raise ValueError(f"{name}: issuer: needs an https address (http on this machine only)")
    algorithms = _texts(members, "algorithms", name) or ASYMMETRIC
    if not set(algorithms) <= set(ASYMMETRIC):
        raise ValueError(f"{name}: algorithms: only {', '.join(ASYMMETRIC)}")
    hosts = _texts(members, "hosts", name)
    if not all(map(HOST.fullmatch, hosts)):
        raise ValueError(f"{name}: hosts: needs names such as keys.example.com")
    return Provider(
        name=name,
        kind=ProviderKind.GITHUB if name == "github" else ProviderKind.OPENID,
        issuer=issuer,
        client_id=_text(members, "client_id", name),
        client_secret=_text(members, "client_secret", name),
        scopes=_texts(members, "scopes", name) or ("openid", "email"),
        algorithms=algorithms,
        hosts=frozenset({*hosts, origin[1].partition("//")[2]}),
    )


def _object(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{place}: has to be a JSON object")  # noqa: TRY004 - what pydantic reports
    return cast("dict[str, Any]", value)


def _text(members: Mapping[str, Any], key: str, name: str) -> str:
    value = members.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name}: {key}: has to be a text")
    return value


def _texts(members: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    value = members.get(key, [])
    listed = cast("list[object]", value) if isinstance(value, list) else [None]
    texts = tuple(one for one in listed if isinstance(one, str) and one)
    if len(texts) != len(listed):
        raise ValueError(f"{name}: {key}: has to be a list of texts")
    return texts
