"""Conditions as documents: what is understood, what is refused, and where."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest

from modules.access.application.rulebook.documents import (
    BadCondition,
    ConditionTooLarge,
    UnknownAttribute,
    WrongType,
    parse,
    written,
)
from modules.access.application.rulebook.vocabulary import GENERAL, attributes_of
from shared_kernel.application.conditions import (
    FALSE,
    TRUE,
    All,
    Attribute,
    Compare,
    Not,
    Op,
    Some,
)
from shared_kernel.domain import Invalid
from tests.access.shop import THINGS

KNOWN = attributes_of(THINGS)
ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")

Document = dict[str, object]


def compare(attribute: str, op: str, **right: object) -> Document:
    return {"attribute": attribute, "op": op, **right}


@pytest.mark.parametrize(
    ("document", "meant"),
    [
        ({"all": []}, TRUE),
        ({"any": []}, FALSE),
        (
            compare("resource.status", "eq", value="a, b"),
            Compare("resource.status", Op.EQ, "a, b"),
        ),
        (
            compare("resource.weight", "lt", value=1.10),
            Compare("resource.weight", Op.LT, Decimal("1.1")),
        ),
        (
            compare("resource.status", "in", value=["a", "b"]),
            Compare("resource.status", Op.IN, ("a", "b")),
        ),
        (compare("resource.tags", "has", value="a"), Compare("resource.tags", Op.HAS, "a")),
        (compare("resource.id", "ne", value=str(ID)), Compare("resource.id", Op.NE, ID)),
        (
            compare("resource.made_at", "ge", value="2026-01-01T00:00:00Z"),
            Compare("resource.made_at", Op.GE, datetime(2026, 1, 1, tzinfo=UTC)),
        ),
        (
            compare("environment.address", "within", value=["192.0.2.0/24", "2001:db8::/32"]),
            Compare("environment.address", Op.WITHIN, ("192.0.2.0/24", "2001:db8::/32")),
        ),
        (
            {"not": {"any": [compare("caller.verified", "eq", value=True)]}},
            Not(Some((Compare("caller.verified", Op.EQ, True),))),
        ),
        (
            {"all": [compare("resource.owner_id", "eq", other="caller.id")]},
            All((Compare("resource.owner_id", Op.EQ, Attribute("caller.id")),)),
        ),
    ],
)
def test_a_document_says_what_it_says(document: Document, meant: object) -> None:
    found = parse(document, KNOWN)
    assert found == meant
    assert parse(json.loads(json.dumps(written(found))), KNOWN) == found


@pytest.mark.parametrize(
    ("op", "turned"), [("eq", Op.EQ), ("lt", Op.GT), ("le", Op.GE), ("gt", Op.LT), ("ge", Op.LE)]
)
def test_an_attribute_of_the_object_comes_to_stand_on_the_left(op: str, turned: Op) -> None:
    found = parse(compare("environment.time", op, other="resource.made_at"), KNOWN)
    assert found == Compare("resource.made_at", turned, Attribute("environment.time"))


def test_one_of_several_and_several_with_one_change_places_too() -> None:
    within = parse(compare("caller.roles", "has", other="resource.status"), KNOWN)
    assert within == Compare("resource.status", Op.IN, Attribute("caller.roles"))
    having = parse(compare("caller.means", "in", other="resource.tags"), KNOWN)
    assert having == Compare("resource.tags", Op.HAS, Attribute("caller.means"))


def nested(depth: int) -> Document:
    found: Document = {"all": []}
    for _ in range(depth - 1):
        found = {"not": found}
    return found


STATUS = compare("resource.status", "eq", value="draft")

REFUSED: dict[str, tuple[object, type[Invalid], str]] = {
    "no object": ([], BadCondition, "/when"),
    "nothing": (None, BadCondition, "/when"),
    "a text": ("true", BadCondition, "/when"),
    "no member": ({}, BadCondition, "/when"),
    "one member too many": ({"all": [], "any": []}, BadCondition, "/when"),
    "both sides": ({**STATUS, "other": "caller.means"}, BadCondition, "/when"),
    "no right side": ({"attribute": "resource.status", "op": "eq"}, BadCondition, "/when"),
    "numbers as names": ({1: [], "all": []}, BadCondition, "/when"),
    "a part that is none": ({"all": [STATUS, 7]}, BadCondition, "/when/all/1"),
    "parts that are none": ({"any": {"all": []}}, BadCondition, "/when/any"),
    "an unknown attribute": (
        {"not": compare("resource.colour", "eq", value="x")},
        UnknownAttribute,
        "/when/not/attribute",
    ),
    "an attribute that is no text": (
        compare("resource.status", "eq", other=["caller.means"]),
        UnknownAttribute,
        "/when/other",
    ),
    "an unknown comparison": (
        compare("resource.status", "like", value="d%"),
        WrongType,
        "/when/op",
    ),
    "texts have no order": (compare("resource.status", "lt", value="d"), WrongType, "/when/op"),
    "lists are not filtered by networks": (
        {"all": [compare("resource.status", "within", value=["::/0"])]},
        WrongType,
        "/when/all/0/op",
    ),
    "a number for a text": (compare("resource.status", "eq", value=1), WrongType, "/when/value"),
    "a text for a number": (compare("resource.weight", "eq", value="1"), WrongType, "/when/value"),
    "a flag for a number": (compare("resource.weight", "eq", value=True), WrongType, "/when/value"),
    "no number": (compare("resource.weight", "eq", value=float("nan")), WrongType, "/when/value"),
    "endless": (compare("resource.weight", "lt", value=float("inf")), WrongType, "/when/value"),
    "a long number": (compare("resource.weight", "lt", value=10**15 + 1), WrongType, "/when/value"),
    "a huge number": (compare("resource.weight", "lt", value=10**9_999), WrongType, "/when/value"),
    "a number for a flag": (compare("caller.verified", "eq", value=1), WrongType, "/when/value"),
    "no id": (compare("resource.id", "eq", value="x"), WrongType, "/when/value"),
    "no time": (compare("resource.made_at", "lt", value="noon"), WrongType, "/when/value"),
    "a time without an offset": (
        compare("resource.made_at", "lt", value="2026-01-01T00:00:00"),
        WrongType,
        "/when/value",
    ),
    "no text at all": (compare("resource.status", "eq", value=""), WrongType, "/when/value"),
    "a long text": (compare("resource.status", "eq", value="x" * 201), WrongType, "/when/value"),
    "a null character": (compare("resource.status", "eq", value="\0"), WrongType, "/when/value"),
    "half a character": (
        compare("resource.status", "eq", value="\ud800"),
        WrongType,
        "/when/value",
    ),
    "a list for one": (compare("resource.status", "eq", value=["a"]), WrongType, "/when/value"),
    "one for a list": (compare("resource.status", "in", value="a"), BadCondition, "/when/value"),
    "one of them wrong": (
        compare("resource.status", "in", value=["a", 1]),
        WrongType,
        "/when/value/1",
    ),
    "host bits": (
        compare("environment.address", "within", value=["192.0.2.1/24"]),
        WrongType,
        "/when/value/0",
    ),
    "two kinds": (
        compare("resource.status", "eq", other="resource.weight"),
        WrongType,
        "/when/other",
    ),
    "an id is not a text": (
        compare("resource.owner_id", "in", other="caller.roles"),
        WrongType,
        "/when/other",
    ),
    "100 deep": (nested(100), ConditionTooLarge, "/when" + "/not" * 8),
    "501 parts": (
        {"all": [{"any": [{"all": []}] * 99}] * 6},
        ConditionTooLarge,
        "/when/all/4/any/98",
    ),
    "a time before all times": (
        compare("resource.made_at", "lt", value="0001-01-01T00:00:00+14:00"),
        WrongType,
        "/when/value",
    ),
    "a time after all times": (
        compare("resource.made_at", "lt", value="9999-12-31T23:59:59-14:00"),
        WrongType,
        "/when/value",
    ),
    "101 values": (
        compare("resource.status", "in", value=["a"] * 101),
        ConditionTooLarge,
        "/when/value",
    ),
    "101 parts": ({"all": [STATUS] * 101}, ConditionTooLarge, "/when/all"),
    "101 comparisons": (
        {"all": [{"any": [STATUS] * 51}, {"any": [STATUS] * 50}]},
        ConditionTooLarge,
        "/when/all/1/any/49",
    ),
}


@pytest.mark.parametrize(
    ("op", "said", "kept"),
    [
        ("eq", "::ffff:192.0.2.1", "192.0.2.1"),
        ("within", ["::ffff:192.0.2.0/120"], ("192.0.2.0/24",)),
        ("within", ["::ffff:0:0/96", "2001:DB8::/32"], ("0.0.0.0/0", "2001:db8::/32")),
    ],
)
def test_an_address_of_ipv4_written_as_ipv6_is_the_one_clients_have(
    op: str, said: object, kept: object
) -> None:
    found = parse(compare("environment.address", op, value=said), KNOWN)
    assert found == Compare("environment.address", Op(op), cast("Any", kept))


@pytest.mark.parametrize(("document", "kind", "at"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_understood_is_refused_where_it_stands(
    document: object, kind: type[Invalid], at: str
) -> None:
    with pytest.raises(kind) as refused:
        parse(document, KNOWN)
    assert refused.value.field == at


def test_as_deep_and_as_large_as_allowed_is_understood() -> None:
    assert parse(nested(8), KNOWN)
    assert parse({"all": [STATUS] * 100}, KNOWN)
    assert parse(compare("resource.status", "in", value=["x" * 200] * 100), KNOWN)


def test_a_permission_without_objects_lets_nobody_read_of_objects() -> None:
    with pytest.raises(UnknownAttribute):
        parse(STATUS, GENERAL)
