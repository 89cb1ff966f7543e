"""What would have to be different for a condition to be met, the least first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from itertools import product
from typing import Any, Final

from shared_kernel.application.conditions import (
    All,
    Attribute,
    Compare,
    Condition,
    Facts,
    Not,
    Op,
    Value,
    meets,
)

KEPT = 24  # of the ways to repair one condition: the shortest; enough to find five good ones


@dataclass(frozen=True, slots=True)
class Change:
    """That a comparison comes out otherwise: that it holds from then on, or does not."""

    compare: Compare
    holds: bool


Way = frozenset[Change]
"""Changes that are enough together."""

NOTHING_TO_DO: Final[Way] = frozenset()


def ways_to(condition: Condition, facts: Facts, *, met: bool = True) -> Sequence[Way]:
    """Return the shortest ways to have the condition met, or not met; without any, there is none.

    Where it comes out as wanted already, that is to change nothing.
    """
    if isinstance(condition, Compare):
        fine = meets(condition, facts) is met
        return [NOTHING_TO_DO] if fine else [frozenset({Change(condition, met)})]
    if isinstance(condition, Not):
        return ways_to(condition.part, facts, met=not met)
    parts = [ways_to(part, facts, met=met) for part in condition.parts]
    return together(parts) if isinstance(condition, All) is met else shortest(_each(parts))


def together(parts: Iterable[Sequence[frozenset[Any]]]) -> Sequence[frozenset[Any]]:
    """Return the shortest ways to have all of it, one of the ways of each part."""
    found: Sequence[frozenset[Any]] = [frozenset()]
    for ways in parts:
        found = shortest(one | other for one, other in product(found, ways))
    return found


def shortest(ways: Iterable[frozenset[Any]]) -> Sequence[frozenset[Any]]:
    """Return the shortest of them, none of which contains another."""
    kept: list[frozenset[Any]] = []
    for one in sorted(dict.fromkeys(ways), key=len):
        if len(kept) < KEPT and not any(other <= one for other in kept):
            kept.append(one)
    return kept


def after(changes: Iterable[Change], facts: Facts) -> Facts:
    """Return what would be known after some changes, each made in the simplest manner."""
    known = dict(facts)
    for one in changes:
        right = one.compare.right
        other = known.get(right.path) if isinstance(right, Attribute) else right
        known[one.compare.path] = _value(one, known.get(one.compare.path), other)
    return known


def _each(parts: Iterable[Sequence[Way]]) -> Iterator[Way]:
    for ways in parts:
        yield from ways


def _value(change: Change, was: Value, other: Any) -> Value:
    op = change.compare.op
    if other is None or change.holds is (op is Op.NE):
        return None  # of what is missing nothing is true, but that it differs
    fitting: Value = _FITTING[op](was, other)
    return fitting


def _beyond(value: Any, step: int) -> Any:
    return value + (timedelta(seconds=step) if isinstance(value, datetime) else step)


_FITTING: Final[Mapping[Op, Callable[[Any, Any], Any]]] = {
    Op.EQ: lambda _, other: other,
    Op.NE: lambda _, other: other,
    Op.LE: lambda _, other: other,
    Op.GE: lambda _, other: other,
    Op.LT: lambda _, other: _beyond(other, -1),
    Op.GT: lambda _, other: _beyond(other, 1),
    Op.IN: lambda _, other: next(iter(other), None),
    Op.HAS: lambda was, other: frozenset({*(was or ()), other}),
    Op.WITHIN: lambda _, other: str(ip_network(other[0])[0]) if other else None,
}
