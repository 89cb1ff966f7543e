"""Objects to ask about, made up from what a resource declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from uuid import UUID

from shared_kernel.application.conditions import (
    FALSE,
    All,
    Attribute,
    Compare,
    Condition,
    Facts,
    Literal,
    Not,
    Op,
    Several,
    Value,
    meets,
)
from shared_kernel.application.resources import NOTHING, RESOURCE, Resource
from shared_kernel.domain import AccountId, new_id


class Ownership(StrEnum):
    """What an object is to the one who asks for it."""

    OWN = "own"
    FOREIGN = "foreign"
    SHARED = "shared"
    PUBLIC = "public"


class NoExample(Exception):
    """Strangers may read some objects, and no example of one can be worked out."""


def objects_for(
    asker: AccountId | None, resource: Resource, shared: UUID, public: Condition
) -> Mapping[Ownership, Facts]:
    """Return the facts of one object of each ownership.

    `shared` is the id of the one on which the asker was given a right; `public` the condition
    under which strangers may read. A stranger owns nothing: all are somebody else's.
    """
    somebody = new_id()
    foreign: dict[str, Value] = dict.fromkeys(owners(resource), somebody)
    own = foreign if asker is None else dict.fromkeys(foreign, asker)
    found: dict[Ownership, Facts] = {
        Ownership.OWN: {**own, **_named(new_id())},
        Ownership.FOREIGN: {**foreign, **_named(new_id())},
        Ownership.SHARED: {**foreign, **_named(shared)},
    }
    if public != FALSE:
        found[Ownership.PUBLIC] = {**foreign, **_named(new_id()), **example_of(public)}
    return found


def owners(resource: Resource) -> Iterator[str]:
    """Yield the attributes that the rules of a resource compare with the caller's id."""
    for rule in resource.rules:
        for one in _comparisons(rule.when):
            if one.op is Op.EQ and one.right == Attribute("caller.id"):
                yield one.path


def example_of(condition: Condition) -> Facts:
    """Return facts that meet a condition on a resource. Raises NoExample where none is obvious."""
    facts = _example(condition)
    if not meets(condition, facts):
        raise NoExample(f"no example of an object that meets {condition}")
    return facts


def _example(condition: Condition) -> Facts:
    if isinstance(condition, Compare):
        return _compared(condition.path, condition.right)
    if isinstance(condition, Not):
        return {}
    if isinstance(condition, All):
        return {path: value for one in condition.parts for path, value in _example(one).items()}
    fitting = (facts for one in condition.parts if meets(one, facts := _example(one)))
    return next(fitting, NOTHING)


def _compared(path: str, right: Literal | Several | Attribute) -> Facts:
    if isinstance(right, tuple):
        return _compared(path, right[0]) if right else {}
    return {} if isinstance(right, Attribute) else {path: right}


def _comparisons(condition: Condition) -> Iterator[Compare]:
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Not):
        yield from _comparisons(condition.part)
    else:
        for part in condition.parts:
            yield from _comparisons(part)


def _named(id: UUID) -> Facts:
    return {RESOURCE + "id": id}
