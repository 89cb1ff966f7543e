"""The values that conditions compare with, as JSON has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from uuid import UUID

from shared_kernel.application.conditions import Kind, Literal, Op

TEXT_LENGTH = 200
DIGITS = 15
"""As many as every JSON reader keeps (RFC 8259, section 6)."""

ORDERED: Final = frozenset({Op.LT, Op.LE, Op.GT, Op.GE})

EXPECTED: Final[Mapping[Kind, str]] = {
    Kind.TEXT: f"a text of 1 to {TEXT_LENGTH} characters, without control characters",
    Kind.TEXTS: f"a text of 1 to {TEXT_LENGTH} characters, without control characters",
    Kind.NUMBER: f"a number of at most {DIGITS} digits",
    Kind.FLAG: "true or false",
    Kind.TIME: "a time with its offset (RFC 3339)",
    Kind.ID: "a UUID",
    Kind.ADDRESS: "an IP address",
}
"""What a value of each kind looks like."""

MAPPED: Final = IPv6Network("::ffff:0:0/96")
"""Addresses of IPv4 written as ones of IPv6 (RFC 4291, section 2.5.5.2)."""

NETWORK: Final = "a network (CIDR) without host bits"


def literal(kind: Kind, value: object) -> Literal:
    """Return a JSON value as one that an attribute of this kind holds.

    Raises TypeError or ValueError.
    """
    return _READERS[kind](value)


def network(value: object) -> str:
    """Return the text of a network, in its usual form. Raises TypeError or ValueError."""
    found = ip_network(_text(value))
    if found.version == 6 and found.subnet_of(MAPPED):
        found = ip_network(f"{_plain(found.network_address)}/{found.prefixlen - MAPPED.prefixlen}")
    return str(found)


def plain(value: Literal) -> object:
    """Return the value as JSON has it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    if not 1 <= len(value) <= TEXT_LENGTH:
        raise ValueError("too long")
    # Halves of surrogate pairs cannot be stored; control characters only deceive who reads them.
    if any(
        ord(one) < 0x20 or 0x7F <= ord(one) < 0xA0 or 0xD800 <= ord(one) < 0xE000 for one in value
    ):
        raise ValueError("control characters")
    return value


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError("no number")
    found = Decimal(str(value))
    if not found.is_finite() or len(found.normalize().as_tuple().digits) > DIGITS:
        raise ValueError("too long")
    if abs(found.adjusted()) > DIGITS:
        raise ValueError("too large or too small")
    return found


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


def _time(value: object) -> datetime:
    found = datetime.fromisoformat(_text(value))
    if found.utcoffset() is None:
        raise ValueError("no offset")
    try:
        found.astimezone(UTC)
    except OverflowError:
        raise ValueError("before the first year or after the last") from None
    return found


def _id(value: object) -> UUID:
    return UUID(_text(value))


def _address(value: object) -> str:
    return str(_plain(ip_address(_text(value))))


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return an address of IPv4 that is written as one of IPv6 as such: clients' addresses are."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


_READERS: Final[Mapping[Kind, Callable[[object], Literal]]] = {
    Kind.TEXT: _text,
    Kind.TEXTS: _text,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.TIME: _time,
    Kind.ID: _id,
    Kind.ADDRESS: _address,
}
