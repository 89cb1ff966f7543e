"""Conditions as JSON documents, which is how they are sent, stored and shown.

    {"all": [{"attribute": "resource.status", "op": "eq", "value": "draft"},
             {"not": {"attribute": "resource.owner_id", "op": "eq", "other": "caller.id"}}]}

`all` of nothing is always met, `any` of nothing never. `in` and `within` take a list, or as
`other` an attribute that holds several values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from modules.access.application.rulebook.values import (
    EXPECTED,
    NETWORK,
    ORDERED,
    literal,
    network,
    plain,
)
from shared_kernel.application.conditions import (
    All,
    Attribute,
    Compare,
    Condition,
    Kind,
    Literal,
    Not,
    Op,
    Several,
    Some,
)
from shared_kernel.application.resources import RESOURCE
from shared_kernel.domain import Invalid

DEPTH = 8
COMPARISONS = 100
PARTS = 500
VALUES = 100

Document = Mapping[str, object]

OPS: Final[Mapping[Kind, frozenset[Op]]] = {
    Kind.TEXT: frozenset({Op.EQ, Op.NE, Op.IN}),
    Kind.TEXTS: frozenset({Op.HAS}),
    Kind.NUMBER: frozenset({Op.EQ, Op.NE, Op.IN}) | ORDERED,
    Kind.FLAG: frozenset({Op.EQ, Op.NE}),
    Kind.TIME: frozenset({Op.EQ, Op.NE}) | ORDERED,
    Kind.ID: frozenset({Op.EQ, Op.NE, Op.IN}),
    Kind.ADDRESS: frozenset({Op.EQ, Op.NE, Op.WITHIN}),
}
"""How an attribute of each kind may be compared."""

TURNED: Final[Mapping[Op, Op]] = {
    Op.EQ: Op.EQ,
    Op.NE: Op.NE,
    Op.LT: Op.GT,
    Op.LE: Op.GE,
    Op.GT: Op.LT,
    Op.GE: Op.LE,
    Op.IN: Op.HAS,
    Op.HAS: Op.IN,
}
"""What each comparison is called when its sides change places."""


class BadCondition(Invalid):
    """The document is no condition that can be understood here."""


class UnknownAttribute(Invalid):
    """The condition reads what is not declared."""


class WrongType(Invalid):
    """The value is not of the kind that the attribute holds, or cannot be compared this way."""


class ConditionTooLarge(Invalid):
    """The condition is nested too deeply, or makes too many comparisons, or of too many values."""


def parse(document: object, attributes: Mapping[str, Kind], at: str = "/when") -> Condition:
    """Return the condition that a document says, on these attributes.

    `at` is the JSON pointer of the document. Raises BadCondition, UnknownAttribute, WrongType,
    ConditionTooLarge.
    """
    return _Parser(attributes).condition(document, at, DEPTH)


def written(condition: Condition) -> dict[str, object]:
    """Return the document of a condition."""
    if isinstance(condition, Compare):
        said: dict[str, object] = {"attribute": condition.path, "op": condition.op.value}
        right = condition.right
        if isinstance(right, Attribute):
            return {**said, "other": right.path}
        value = [plain(one) for one in right] if isinstance(right, tuple) else plain(right)
        return {**said, "value": value}
    if isinstance(condition, Not):
        return {"not": written(condition.part)}
    name = "all" if isinstance(condition, All) else "any"
    return {name: [written(part) for part in condition.parts]}


class _Parser:
    """Reads one document: it counts the comparisons and the parts of the whole."""

    def __init__(self, attributes: Mapping[str, Kind]) -> None:
        self._attributes, self._compared, self._parts_read = attributes, 0, 0

    def condition(self, document: object, at: str, deeper: int) -> Condition:
        if deeper == 0:
            raise ConditionTooLarge(f"conditions are nested at most {DEPTH} deep", field=at)
        self._parts_read += 1
        if self._parts_read > PARTS:  # of which each costs every decision its time
            raise ConditionTooLarge(f"a condition has at most {PARTS} parts", field=at)
        said = _members(document, at)
        match sorted(said):
            case ["all"]:
                return All(self._parts(said["all"], f"{at}/all", deeper - 1))
            case ["any"]:
                return Some(self._parts(said["any"], f"{at}/any", deeper - 1))
            case ["not"]:
                return Not(self.condition(said["not"], f"{at}/not", deeper - 1))
            case ["attribute", "op", "value"] | ["attribute", "op", "other"]:
                return self._comparison(said, at)
            case _:
                raise BadCondition(
                    "use either all, any, not, or attribute and op with value or other", field=at
                )

    def _parts(self, parts: object, at: str, deeper: int) -> tuple[Condition, ...]:
        return tuple(
            self.condition(part, f"{at}/{index}", deeper)
            for index, part in enumerate(_listed(parts, at, COMPARISONS))
        )

    def _comparison(self, said: Document, at: str) -> Condition:
        self._compared += 1
        if self._compared > COMPARISONS:
            raise ConditionTooLarge(f"at most {COMPARISONS} comparisons", field=at)
        path, kind = self._attribute(said["attribute"], f"{at}/attribute")
        op = self._op(said["op"], path, kind, f"{at}/op")
        if "other" in said:
            return self._of_two(path, kind, op, said["other"], f"{at}/other")
        if op in {Op.IN, Op.WITHIN}:
            return Compare(path, op, _values(kind, op, said["value"], f"{at}/value"))
        return Compare(path, op, _value(kind, said["value"], f"{at}/value"))

    def _of_two(self, path: str, kind: Kind, op: Op, other: object, at: str) -> Condition:
        right, its_kind = self._attribute(other, at)
        if its_kind is not _counterpart(op, kind):
            raise WrongType(f"{path} cannot be compared with {right} by {op}", field=at)
        if right.startswith(RESOURCE) and not path.startswith(RESOURCE):
            return Compare(right, TURNED[op], Attribute(path))
        return Compare(path, op, Attribute(right))

    def _attribute(self, path: object, at: str) -> tuple[str, Kind]:
        kind = self._attributes.get(path) if isinstance(path, str) else None
        if kind is None:
            raise UnknownAttribute("no such attribute is declared here", field=at)
        return str(path), kind

    def _op(self, name: object, path: str, kind: Kind, at: str) -> Op:
        allowed = OPS[kind]
        if path.startswith(RESOURCE):
            allowed -= {Op.WITHIN}  # a list could not be filtered by it
        if not isinstance(name, str) or name not in allowed:
            raise WrongType(f"{path} is compared by {', '.join(sorted(allowed))}", field=at)
        return Op(name)


def _members(document: object, at: str) -> Document:
    if not isinstance(document, Mapping):
        raise BadCondition("a condition is an object", field=at)
    said = cast("Mapping[object, object]", document)
    return {str(name): value for name, value in said.items()}


def _listed(values: object, at: str, most: int) -> list[object]:
    if not isinstance(values, list | tuple):
        raise BadCondition("this is a list", field=at)
    listed = list(cast("list[object]", values))
    if len(listed) > most:
        raise ConditionTooLarge(f"at most {most} of them", field=at)
    return listed


def _values(kind: Kind, op: Op, values: object, at: str) -> Several:
    listed = _listed(values, at, VALUES)
    if op is Op.WITHIN:
        return tuple(_network(one, f"{at}/{index}") for index, one in enumerate(listed))
    return tuple(_value(kind, one, f"{at}/{index}") for index, one in enumerate(listed))


def _value(kind: Kind, value: object, at: str) -> Literal:
    try:
        return literal(kind, value)
    except (TypeError, ValueError):
        raise WrongType(f"this has to be {EXPECTED[kind]}", field=at) from None


def _network(value: object, at: str) -> str:
    try:
        return network(value)
    except (TypeError, ValueError):
        raise WrongType(f"this has to be {NETWORK}", field=at) from None


def _counterpart(op: Op, kind: Kind) -> Kind | None:
    """Return what an attribute of a kind is compared with, where that is another attribute."""
    if op is Op.IN:
        return Kind.TEXTS if kind is Kind.TEXT else None
    if op is Op.WITHIN:
        return None
    return Kind.TEXT if kind is Kind.TEXTS else kind
