"""Reads the document of a rulebook: every mistake is named with where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast

from modules.access.domain import (
    ALWAYS,
    POLICY_NAME,
    ROLE_NAME,
    Effect,
    PolicyEntry,
    PolicyForNobody,
    PolicyForNothing,
    RoleEntry,
    Rulebook,
)
from modules.access.public import ADMINISTRATOR
from shared_kernel.domain import Invalid

MOST_NAMES = 1000
MOST_ENTRIES = 10_000
DESCRIPTION_LENGTH = 500
PERMISSION = r"^[a-z][a-z0-9.-]{0,99}$"
TEXT = r"^[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*$"

Members = Mapping[str, object]


class BadRulebook(Invalid):
    """The document of roles and policies cannot be understood."""


def read_rulebook(document: object) -> Rulebook:
    """Return the rulebook that a document describes.

    Whether the roles and permissions it names exist is another question. Raises BadRulebook, with
    the JSON pointer of the mistake.
    """
    said = members(document, "", {"roles", "policies"})
    roles = named(said.get("roles", {}), "/roles", ROLE_NAME)
    policies = named(said.get("policies", {}), "/policies", POLICY_NAME)
    return Rulebook(
        roles={name: _role(name, one, f"/roles/{name}") for name, one in roles.items()},
        policies={name: _policy(one, f"/policies/{name}") for name, one in policies.items()},
    )


def _role(name: str, document: object, at: str) -> RoleEntry:
    known = {"inherits", "permissions", "requires_second_factor"}
    said = members(document, at, {"requires_second_factor"} if name == ADMINISTRATOR else known)
    return RoleEntry(
        inherits=_names(said.get("inherits", []), f"{at}/inherits", ROLE_NAME),
        permissions=_names(said.get("permissions", []), f"{at}/permissions", PERMISSION),
        requires_second_factor=flag(said, "requires_second_factor", at, default=False),
    )


def _policy(document: object, at: str) -> PolicyEntry:
    known = {"description", "effect", "roles", "anyone", "permissions", "when", "enabled"}
    said = members(document, at, known)
    roles = _names(said.get("roles", []), f"{at}/roles", ROLE_NAME)
    anyone = flag(said, "anyone", at, default=False)
    permissions = _names(said.get("permissions", []), f"{at}/permissions", PERMISSION)
    if anyone is bool(roles):
        raise PolicyForNobody("name roles, or say anyone", field=f"{at}/roles")
    if not permissions:
        raise PolicyForNothing("name at least one permission", field=f"{at}/permissions")
    return PolicyEntry(
        description=text(said.get("description", ""), f"{at}/description", TEXT),
        effect=_effect(said.get("effect"), f"{at}/effect"),
        roles=roles,
        anyone=anyone,
        permissions=permissions,
        when=mapping(said.get("when", ALWAYS), f"{at}/when"),
        enabled=flag(said, "enabled", at, default=True),
    )


def _effect(value: object, at: str) -> Effect:
    if not isinstance(value, str) or value not in set(Effect):
        raise BadRulebook("use allow or deny", field=at)
    return Effect(value)


def mapping(value: object, at: str) -> Members:
    """Return a mapping by text."""
    if not isinstance(value, Mapping):
        raise BadRulebook("this has to be a mapping", field=at)
    said = cast("Mapping[object, object]", value)
    if not all(isinstance(name, str) for name in said):
        raise BadRulebook("its names have to be texts", field=at)
    return cast("Members", said)


def members(value: object, at: str, known: set[str]) -> Members:
    """Return a mapping that has no members but these."""
    said = mapping(value, at)
    for name in said:
        if name not in known:
            raise BadRulebook(f"there are only {', '.join(sorted(known))}", field=f"{at}/{name}")
    return said


def named(value: object, at: str, pattern: str) -> Members:
    """Return a mapping whose names look like this."""
    said = mapping(value, at)
    if len(said) > MOST_ENTRIES:
        raise BadRulebook(f"at most {MOST_ENTRIES} of them", field=at)
    for name in said:
        if not re.fullmatch(pattern, name):
            raise BadRulebook("the name is not of the allowed form", field=f"{at}/{name[:80]}")
    return said


def listed(value: object, at: str) -> Sequence[object]:
    """Return a list that is not too long."""
    if not isinstance(value, list | tuple):
        raise BadRulebook("this has to be a list", field=at)
    if len(found := cast("Sequence[object]", value)) > MOST_NAMES:
        raise BadRulebook(f"at most {MOST_NAMES} of them", field=at)
    return found


def text(value: object, at: str, pattern: str, *, length: int = DESCRIPTION_LENGTH) -> str:
    """Return a text of this form."""
    if not isinstance(value, str) or len(value) > length or not re.fullmatch(pattern, value):
        raise BadRulebook("this is no text of the allowed form", field=at)
    return value


def flag(said: Members, name: str, at: str, *, default: bool) -> bool:
    """Return a member that is yes or no."""
    value = said.get(name, default)
    if not isinstance(value, bool):
        raise BadRulebook("this has to be true or false", field=f"{at}/{name}")
    return value


def _names(value: object, at: str, pattern: str) -> frozenset[str]:
    found = [text(one, f"{at}/{i}", pattern) for i, one in enumerate(listed(value, at))]
    if len({*found}) < len(found):
        raise BadRulebook("one of them is named twice", field=at)
    return frozenset(found)
