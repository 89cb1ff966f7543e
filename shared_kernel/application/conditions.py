"""Conditions on who asks, for what, and when: data that decides one object and filters a list.

A condition reads attributes of the caller, of a resource and of the environment. What is known is
worked out (`reduced`); what is left speaks of the resource alone, and becomes a predicate in SQL.
There are two truth values: a comparison with what is missing is false, and its negation true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address, ip_network
from operator import contains, eq, ge, gt, le, lt
from typing import Any, Final
from uuid import UUID

Value = str | int | Decimal | bool | datetime | UUID | frozenset[str] | None
"""What an attribute holds; None where there is nothing."""

Facts = Mapping[str, Value]
"""What is known: attributes by path (`caller.id`, `resource.status`, `environment.time`)."""


class Kind(StrEnum):
    """What an attribute holds: a text, several, a number, yes or no, a moment, an id, an address.

    `ADDRESS` is an IP address as text.
    """

    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"
    FLAG = "flag"
    TIME = "time"
    ID = "id"
    ADDRESS = "address"


class Op(StrEnum):
    """How an attribute is compared.

    `IN`: it is one of several. `HAS`: it holds the one named. `WITHIN`: it lies in a network.
    """

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"
    HAS = "has"
    WITHIN = "within"


@dataclass(frozen=True, slots=True)
class Attribute:
    """The value of another attribute, to compare with."""

    path: str


Literal = str | int | Decimal | bool | datetime | UUID
Several = tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison. With `IN` and `WITHIN` the right side is a tuple, or a set-valued attribute.

    An attribute of the resource, where there is one, stands on the left.
    """

    path: str
    op: Op
    right: Literal | Several | Attribute


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; without parts it is true."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds; without parts it is false."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition = Compare | All | Some | Not

FEW = 8

_NO_VALUE = (tuple, Attribute)

TRUE: Final = All()
FALSE: Final = Some()


def meets(condition: Condition, facts: Facts) -> bool:
    """Say whether the condition holds. What `facts` do not tell is missing."""
    if isinstance(condition, Compare):
        right = condition.right
        other = facts.get(right.path) if isinstance(right, Attribute) else right
        return holds(condition.op, facts.get(condition.path), other)
    if isinstance(condition, All):
        return all(meets(part, facts) for part in condition.parts)
    if isinstance(condition, Some):
        return any(meets(part, facts) for part in condition.parts)
    return not meets(condition.part, facts)


def holds(op: Op, left: Value | Several, right: Value | Several) -> bool:
    """Compare two values, either of which may be missing."""
    if op is Op.NE:
        return not holds(Op.EQ, left, right)
    return left is not None and right is not None and _TESTS[op](left, right)


def _within(address: str, networks: Several) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in ip_network(str(one)) for one in networks)


_TESTS: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: eq,
    Op.LT: lt,
    Op.LE: le,
    Op.GT: gt,
    Op.GE: ge,
    Op.IN: lambda left, right: left in right,
    Op.HAS: contains,
    Op.WITHIN: _within,
}


def reduced(condition: Condition, facts: Facts) -> Condition:
    """Work out what `facts` decide, and return what is still open.

    An attribute is known when `facts` hold its path, also when they say that it is missing.
    """
    if isinstance(condition, Compare):
        return _compared(condition, facts)
    if isinstance(condition, Not):
        return negated(reduced(condition.part, facts))
    parts = (reduced(part, facts) for part in condition.parts)
    return every(parts) if isinstance(condition, All) else some(parts)


def _compared(one: Compare, facts: Facts) -> Condition:
    right = one.right
    if isinstance(right, Attribute) and right.path in facts:
        known = facts[right.path]
        if known is None:
            return TRUE if one.op is Op.NE else FALSE
        right = tuple(sorted(known)) if isinstance(known, frozenset) else known
    if one.path not in facts or isinstance(right, Attribute):
        return one if right is one.right else Compare(one.path, one.op, right)
    return TRUE if holds(one.op, facts[one.path], right) else FALSE


def every(parts: Iterable[Condition]) -> Condition:
    """Return what holds when every part does, in its shortest form."""
    return _joined(parts, All, neutral=TRUE, final=FALSE)


def some(parts: Iterable[Condition]) -> Condition:
    """Return what holds when one part does, in its shortest form."""
    return _joined(parts, Some, neutral=FALSE, final=TRUE)


def _joined(
    parts: Iterable[Condition], kind: type[All | Some], *, neutral: Condition, final: Condition
) -> Condition:
    found: list[Condition] = []
    for part in parts:
        if part == final:
            return final
        inner = part.parts if isinstance(part, kind) else (part,)
        found.extend(one for one in inner if one != neutral)
    kept = _distinct(found) if kind is All else _gathered(_distinct(found))
    if len(kept) == 1:
        return kept[0]
    return kind(tuple(kept)) if kept else neutral


def _distinct(found: list[Condition]) -> list[Condition]:
    """Leave out what is there already. A few are compared, because it takes long to hash them."""
    if len(found) > FEW:
        return list(dict.fromkeys(found))
    kept: list[Condition] = []
    for one in found:
        if one not in kept:
            kept.append(one)
    return kept


def _gathered(found: list[Condition]) -> list[Condition]:
    """Make one comparison of those of an attribute with single values, where they are many.

    Policies say the same of one value each; a statement of thousands of comparisons takes minutes.
    """
    if len(found) <= FEW:
        return found
    values: dict[str, list[Literal]] = {}
    kept: list[Condition] = []
    for one in found:
        if isinstance(one, Compare) and one.op is Op.EQ and not isinstance(one.right, _NO_VALUE):
            values.setdefault(one.path, []).append(one.right)
        else:
            kept.append(one)
    return [*kept, *(_among(path, several) for path, several in values.items())]


def _among(path: str, values: list[Literal]) -> Compare:
    if len(values) == 1:
        return Compare(path, Op.EQ, values[0])
    return Compare(path, Op.IN, tuple(values))


def negated(condition: Condition) -> Condition:
    """Return what holds when the condition does not, in its shortest form."""
    if condition == TRUE:
        return FALSE
    if condition == FALSE:
        return TRUE
    return condition.part if isinstance(condition, Not) else Not(condition)


def implies(one: Condition, other: Condition) -> bool:
    """Say whether the form of two conditions shows that one never holds without the other."""
    if one in (other, FALSE) or other == TRUE:
        return True
    if isinstance(one, Some):
        return all(implies(part, other) for part in one.parts)
    if isinstance(other, All):
        return all(implies(one, part) for part in other.parts)
    if isinstance(other, Some) and any(implies(one, part) for part in other.parts):
        return True
    return isinstance(one, All) and any(implies(part, other) for part in one.parts)


def paths(condition: Condition) -> Iterator[str]:
    """Yield the path of every attribute that the condition reads."""
    if isinstance(condition, Compare):
        yield condition.path
        if isinstance(condition.right, Attribute):
            yield condition.right.path
    elif isinstance(condition, Not):
        yield from paths(condition.part)
    else:
        for part in condition.parts:
            yield from paths(part)
