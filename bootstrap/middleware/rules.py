"""What the edge is told by the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Self

from bootstrap.settings import PlatformSettings

MAX_BODY = 1024 * 1024
MAX_HEADERS = 100
MAX_HEADER_BYTES = 32 * 1024
MAX_URL = 8 * 1024
LONGEST_FORWARDED = 20  # proxies in a row; whoever claims more is making it up


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Whom to answer and to believe, how many at once, and how long to wait for a body."""

    hosts: Sequence[str] = ("*",)
    proxies: Sequence[IPv4Network | IPv6Network] = ()
    origins: frozenset[str] = frozenset()
    at_once: int = 200
    body_seconds: float = 20
    max_upload: int = 1024 * MAX_BODY
    hsts: bool = False

    @classmethod
    def of(cls, settings: PlatformSettings) -> Self:
        """Read them from the settings."""
        return cls(
            hosts=[one.lower() for one in settings.allowed_hosts],
            proxies=[ip_network(one) for one in settings.trusted_proxies],
            origins=frozenset(one.lower() for one in settings.cors_origins),
            at_once=settings.concurrent_requests,
            max_upload=settings.upload_mib * MAX_BODY,
            hsts=settings.production,
        )


class Clients:
    """Finds out who a request comes from: the peer, unless the peer is a proxy we trust."""

    def __init__(self, proxies: Sequence[IPv4Network | IPv6Network]) -> None:
        self._proxies = proxies
        self._trusts = lru_cache(maxsize=1024)(self._is_trusted)

    def address(self, peer: str | None, forwarded: bytes | None) -> str | None:
        """Return the address: of `X-Forwarded-For` the rightmost one no trusted proxy has."""
        if forwarded is None or peer is None or not self._proxies or not self._trusts(peer):
            return peer
        address = peer
        hops = forwarded.decode("latin-1").split(",")[-LONGEST_FORWARDED:]
        for hop in reversed(hops):
            named = _plain(hop)
            if named is None:
                return address
            address = named
            if not self._trusts(address):
                break
        return address

    def _is_trusted(self, address: str) -> bool:
        plain = _plain(address)
        return plain is not None and any(ip_address(plain) in one for one in self._proxies)


class Hosts:
    """Knows the values of the Host header that are answered: names, `*.example.com`, or `*`."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._any = "*" in allowed
        self._names = frozenset(allowed)
        self._endings = tuple(one[1:] for one in allowed if one.startswith("*."))
        self.admits = lru_cache(maxsize=256)(self._admits)

    def _admits(self, header: bytes) -> bool:
        name = _host_name(header)
        if name is None:
            return False
        return self._any or name in self._names or name.endswith(self._endings or ("\0",))


def _host_name(header: bytes) -> str | None:
    """Return the name of `name:port`, lower-case, or None when it is no host at all."""
    text = header.decode("latin-1").lower()
    name, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        name, port = text, "0"
    if not (port.isascii() and port.isdigit()):
        return None
    plain = name.strip("[]")
    letters = plain.replace("-", "").replace(".", "").replace(":", "").replace("_", "")
    return plain if letters.isascii() and letters.isalnum() else None


def _plain(address: str) -> str | None:
    """Return an address in its normal form, without a port, an IPv4 one as such."""
    text = address.strip().strip("[]")
    if text.count(":") == 1:  # 192.0.2.1:4711
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
