"""Conditions as functions: `meets` walks the condition each time, these are put together once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from shared_kernel.application.conditions import (
    TRUE,
    All,
    Attribute,
    Compare,
    Condition,
    Facts,
    Not,
    Op,
    Value,
    holds,
)

Test = Callable[[Facts], bool]


def compiled(condition: Condition) -> Test:
    """Return a function that says of facts whether they meet the condition, as `meets` does."""
    if condition == TRUE:
        return always
    if isinstance(condition, Compare):
        return _comparing(condition)
    if isinstance(condition, Not):
        return partial(_none, (compiled(condition.part),))
    parts = tuple(compiled(part) for part in condition.parts)
    return partial(_every if isinstance(condition, All) else _one, parts)


def one_of(conditions: Iterable[Condition]) -> Test:
    """Return a function that says whether facts meet at least one of the conditions."""
    found = tuple(_gathered(conditions))
    if always in found:
        return always
    if len(found) == 1:
        return found[0]
    return partial(_one, found) if found else never


def _gathered(conditions: Iterable[Condition]) -> Iterator[Test]:
    """Yield the tests of some conditions: of those that name values of one text, a single one."""
    values: dict[str, set[str]] = {}
    for one in conditions:
        if isinstance(one, Compare) and one.op is Op.EQ and isinstance(one.right, str):
            values.setdefault(one.path, set()).add(one.right)
        else:
            yield compiled(one)
    for path, texts in values.items():
        yield partial(_is_among, path, frozenset(texts))


def _is_among(path: str, texts: frozenset[str], facts: Facts) -> bool:
    return facts.get(path) in texts


def always(_: Facts) -> bool:
    """Hold, whatever the facts are."""
    return True


def never(_: Facts) -> bool:
    """Hold of no facts."""
    return False


def _every(tests: tuple[Test, ...], facts: Facts) -> bool:
    for test in tests:  # noqa: SIM110 - a generator takes twice as long
        if not test(facts):
            return False
    return True


def _one(tests: tuple[Test, ...], facts: Facts) -> bool:
    for test in tests:  # noqa: SIM110 - a generator takes twice as long
        if test(facts):
            return True
    return False


def _none(tests: tuple[Test, ...], facts: Facts) -> bool:
    return not _one(tests, facts)


def _comparing(one: Compare) -> Test:
    path, op, right = one.path, one.op, one.right
    if isinstance(right, Attribute):
        other = right.path
        if op is Op.EQ:
            return lambda facts: _equal(facts.get(path), facts.get(other))
        return lambda facts: holds(op, facts.get(path), facts.get(other))
    if op is Op.EQ:
        return lambda facts: facts.get(path) == right
    return lambda facts: holds(op, facts.get(path), right)


def _equal(left: Value, right: Value) -> bool:
    return left is not None and left == right
