"""What can be asked about decisions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, cast
from uuid import UUID

from annotated_types import MaxLen, MinLen

from modules.access.application.administering.grants import ResourceName
from modules.access.application.administering.roles import PermissionName
from modules.access.application.explaining.assuming import Assume
from modules.access.application.rulebook.documents import UnknownAttribute, WrongType
from modules.access.application.rulebook.values import EXPECTED, literal
from shared_kernel.application import Command
from shared_kernel.application.conditions import Facts, Kind, Value
from shared_kernel.application.resources import RESOURCE, Resource
from shared_kernel.domain import AccountId, Invalid


class NobodyElse(Invalid):
    """Only of somebody else anything is assumed."""


class NoObject(Invalid):
    """An object is named by its id, or described by its attributes; one of the two."""


class Thing(Command):
    """An object: its kind (`catalog.products`) and its id."""

    type: ResourceName
    id: UUID


class Sketch(Command):
    """An object: its kind, and its `id`; or the `attributes` it would have, those not said none."""

    type: ResourceName
    id: UUID | None = None
    attributes: dict[str, object] | None = None


class Asked(Command):
    """A permission; on an object, where one is named."""

    permission: PermissionName
    resource: Thing | None = None


class Check(Command):
    """What to decide, and about whom: the caller, or the account of that id.

    `assuming`: how that account would ask.
    """

    questions: Annotated[tuple[Asked, ...], MinLen(1), MaxLen(100)]
    account_id: AccountId | None = None
    assuming: Assume | None = None


class Explain(Command):
    """The decision to explain: about the caller, or the account of that id.

    `assuming`: how that account would ask.
    """

    permission: PermissionName
    resource: Sketch | None = None
    account_id: AccountId | None = None
    assuming: Assume | None = None


def sketched(resource: Resource, attributes: Mapping[str, object]) -> Facts:
    """Return what would be known of an object. Raises UnknownAttribute, WrongType."""
    declared = {"id": Kind.ID, **resource.attributes}
    found: dict[str, Value] = dict.fromkeys((RESOURCE + name for name in declared), None)
    for name, value in attributes.items():
        if name not in declared:
            raise UnknownAttribute("no such attribute is declared", field="/resource/attributes")
        found[RESOURCE + name] = _value(declared[name], value, f"/resource/attributes/{name}")
    return found


def _value(kind: Kind, value: object, at: str) -> Value:
    if value is None:
        return None
    try:
        return _texts(value) if kind is Kind.TEXTS else literal(kind, value)
    except (TypeError, ValueError):
        raise WrongType(f"this has to be {EXPECTED[kind]}", field=at) from None


def _texts(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return frozenset(str(literal(Kind.TEXTS, one)) for one in cast("list[object]", value))
