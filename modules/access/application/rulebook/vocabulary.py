"""What a condition may read, and of which kind it is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared_kernel.application.conditions import Kind
from shared_kernel.application.resources import RESOURCE, Resource

CALLER: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "caller.id": Kind.ID,
        "caller.roles": Kind.TEXTS,
        "caller.verified": Kind.FLAG,
        "caller.second_factor": Kind.FLAG,
        "caller.authentication_age": Kind.NUMBER,
        "caller.methods": Kind.TEXTS,
        "caller.means": Kind.TEXT,
        "caller.impersonated": Kind.FLAG,
    }
)
"""Who asks. Nothing of it is there for a stranger.

roles               those that count, everywhere, and what they inherit
authentication_age  seconds since they proved who they are; missing if a program asks
methods             how they proved it (RFC 8176)
means               `token`, `cookie` or `key`
"""

ENVIRONMENT: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "environment.time": Kind.TIME,
        "environment.hour": Kind.NUMBER,
        "environment.weekday": Kind.NUMBER,
        "environment.address": Kind.ADDRESS,
    }
)
"""When and from where: the hour is of UTC, Monday is 1, the address is the client's."""

GENERAL: Final[Mapping[str, Kind]] = MappingProxyType({**CALLER, **ENVIRONMENT})
"""What every condition may read."""


def attributes_of(resource: Resource | None) -> Mapping[str, Kind]:
    """Return what conditions on a permission may read: one on objects of a resource, or on none."""
    if resource is None:
        return GENERAL
    own = {RESOURCE + name: kind for name, kind in resource.attributes.items()}
    return {**GENERAL, RESOURCE + "id": Kind.ID, **own}
