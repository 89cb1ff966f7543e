"""Conditions of a policy as predicates: the statement depends on their shape, not their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Numeric,
    any_,
    bindparam,
    false,
    not_,
    or_,
    true,
)
from sqlalchemy import and_ as all_of
from sqlalchemy.types import TypeEngine

from shared_kernel.application.conditions import (
    FALSE,
    TRUE,
    All,
    Attribute,
    Compare,
    Condition,
    Not,
    Op,
    Some,
    every,
)

Columns = Mapping[str, ColumnElement[Any]]
"""The column of each attribute of a resource, by path (`resource.status`)."""

Shape = tuple[object, ...]

# Each way is an index scan of its own. Beyond so many, sorting what one scan finds is no worse.
MOST_WAYS = 8
MOST_VALUES = 4


class UnknownAttribute(Exception):
    """A condition reads an attribute that has no column here: it was not checked when written."""


def shape_of(condition: Condition) -> Shape:
    """Return what decides the statement: everything but the values compared with."""
    if isinstance(condition, Compare):
        right = condition.right.path if isinstance(condition.right, Attribute) else ""
        return (condition.path, condition.op, right)
    if isinstance(condition, Not):
        return ("not", shape_of(condition.part))
    name = "all" if isinstance(condition, All) else "some"
    return (name, *(shape_of(part) for part in condition.parts))


def values_of(condition: Condition) -> dict[str, object]:
    """Return the values compared with, under the names they have in the predicate."""
    values: dict[str, object] = {}
    _collect(condition, values)
    return values


def predicate_of(condition: Condition, columns: Columns) -> ColumnElement[bool]:
    """Return the predicate of a shape, with a bind parameter for each value.

    Raises UnknownAttribute.
    """
    return _Writer(columns).write(condition)


def predicates_of(
    conditions: Sequence[Condition], columns: Columns
) -> Sequence[ColumnElement[bool]]:
    """Return the predicate of each, under the names the values have in `Some` of all of them.

    Raises UnknownAttribute.
    """
    writer = _Writer(columns)
    return [writer.write(one) for one in conditions]


def ways_of(condition: Condition) -> tuple[Condition, ...]:
    """Return the few ways in which a condition can be met, or itself where that is no few.

    For each way there may be an index that has its rows in order; for all at once there is none.
    What is met in one of several ways under further conditions is met in one of several ways, each
    under those conditions.
    """
    if isinstance(condition, Compare) and condition.op is not Op.IN:
        return (condition,)
    parts = condition.parts if isinstance(condition, All) else (condition,)
    for index, part in enumerate(parts):
        ways = _ways(part)
        if 1 < len(ways) <= MOST_WAYS:
            rest = parts[:index] + parts[index + 1 :]
            return tuple(every((way, *rest)) for way in ways) if rest else tuple(ways)
    return (condition,)


def is_plain(condition: Condition) -> bool:
    """Say whether it only asks for equal values, however it combines them."""
    if isinstance(condition, Compare):
        return condition.op in {Op.EQ, Op.NE, Op.IN} and not isinstance(condition.right, Attribute)
    if isinstance(condition, Not):
        return is_plain(condition.part)
    return all(map(is_plain, condition.parts))


def _ways(condition: Condition) -> Sequence[Condition]:
    if isinstance(condition, Some):
        return [way for part in condition.parts for way in _ways(part)]
    if isinstance(condition, Compare) and condition.op is Op.IN:
        values = condition.right
        if isinstance(values, tuple) and len(values) <= MOST_VALUES:
            return [Compare(condition.path, Op.EQ, one) for one in values]
    return (condition,)


def _collect(condition: Condition, values: dict[str, object]) -> None:
    if isinstance(condition, Compare):
        if not isinstance(condition.right, Attribute):
            right = condition.right
            values[_name(len(values))] = list(right) if isinstance(right, tuple) else right
    elif isinstance(condition, Not):
        _collect(condition.part, values)
    else:
        for part in condition.parts:
            _collect(part, values)


def _name(index: int) -> str:
    return f"_when_{index}"


class _Writer:
    def __init__(self, columns: Columns) -> None:
        self._columns, self._used = columns, 0

    def write(self, condition: Condition) -> ColumnElement[bool]:
        if condition == TRUE:
            return true()
        if condition == FALSE:
            return false()
        if isinstance(condition, Compare):
            return self._compare(condition)
        if isinstance(condition, Not):
            # A comparison with null is null in SQL: its negation has to be true all the same.
            return not_(self.write(condition.part).is_(True))
        joined = all_of if isinstance(condition, All) else or_
        return joined(*[self.write(part) for part in condition.parts])

    def _compare(self, one: Compare) -> ColumnElement[bool]:
        left = self._column(one.path)
        kind = _compared_as(left)
        right = self._right(one, ARRAY(kind) if one.op is Op.IN else kind)
        return _WRITTEN[one.op](left, right)

    def _right(self, one: Compare, kind: Any) -> ColumnElement[Any]:
        if isinstance(one.right, Attribute):
            return self._column(one.right.path)
        name = _name(self._used)
        self._used += 1
        return bindparam(name, type_=kind)

    def _column(self, path: str) -> ColumnElement[Any]:
        try:
            return self._columns[path]
        except KeyError:
            raise UnknownAttribute(path) from None


def _compared_as(column: ColumnElement[Any]) -> TypeEngine[Any]:
    """Return the type of a value to compare with: it may be what the column cannot hold.

    A number that was rounded to fit, or refused, would not be compared.
    """
    kind: TypeEngine[Any] = getattr(column.type, "item_type", column.type)
    return Numeric() if isinstance(kind, Numeric | Integer) else kind


_WRITTEN: Mapping[Op, Callable[[Any, Any], ColumnElement[bool]]] = {
    Op.EQ: lambda left, right: left == right,
    Op.NE: lambda left, right: not_((left == right).is_(True)),
    Op.LT: lambda left, right: left < right,
    Op.LE: lambda left, right: left <= right,
    Op.GT: lambda left, right: left > right,
    Op.GE: lambda left, right: left >= right,
    Op.IN: lambda left, right: left == any_(right),
    Op.HAS: lambda left, right: right == any_(left),
}
