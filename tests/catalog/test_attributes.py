"""Attributes: what a category may define, and which values that lets products have."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modules.catalog.domain.attributes import (
    Attribute,
    AttributeKind,
    AttributeMissing,
    AttributeUnknown,
    AttributeValueRefused,
    Definition,
    DefinitionRefused,
    validated,
)
from modules.catalog.domain.text import TextRefused
from shared_kernel.domain import Invalid
from tests.kit.catalog import NOON

COLOR = Definition("color", "Colour", AttributeKind.ENUM, options=("red", "blue"))
WEIGHT = Definition("weight", "Weight", AttributeKind.NUMBER, unit="kg", required=True)
NOTE = Definition("note", "Note", AttributeKind.TEXT)
FRAGILE = Definition("fragile", "Fragile", AttributeKind.FLAG)
ALL = [COLOR, WEIGHT, NOTE, FRAGILE]


def test_values_are_kept_in_the_order_of_the_definitions() -> None:
    said = {"fragile": False, "weight": 2.5, "note": " by hand ", "color": "red"}
    kept = validated(ALL, said)
    assert list(kept.items()) == [
        ("color", "red"), ("weight", 2.5), ("note", "by hand"), ("fragile", False)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "refusal", "pointer"),
    [
        ({"weight": 1, "size": "M"}, AttributeUnknown, "/attributes"),
        ({"weight": 1, "a/b~c": 1}, AttributeUnknown, "/attributes"),
        ({"color": "red"}, AttributeMissing, "/attributes/weight"),
        ({"weight": 1, "color": "green"}, AttributeValueRefused, "/attributes/color"),
        ({"weight": 1, "color": None}, AttributeValueRefused, "/attributes/color"),
        ({"weight": 1, "color": ["red"]}, AttributeValueRefused, "/attributes/color"),
        ({"weight": "1"}, AttributeValueRefused, "/attributes/weight"),
        ({"weight": True}, AttributeValueRefused, "/attributes/weight"),
        ({"weight": 1, "fragile": 1}, AttributeValueRefused, "/attributes/fragile"),
        ({"weight": 1, "fragile": "true"}, AttributeValueRefused, "/attributes/fragile"),
        ({"weight": 1, "note": 7}, AttributeValueRefused, "/attributes/note"),
        ({"weight": 1, "note": " "}, TextRefused, "/attributes/note"),
        ({"weight": 1, "note": "a\nb"}, TextRefused, "/attributes/note"),
        ({"weight": 1, "note": "\ud800"}, TextRefused, "/attributes/note"),
    ],
)
def test_a_value_that_breaks_a_rule_is_pointed_at(
    values: dict[str, object], refusal: type[Invalid], pointer: str
) -> None:
    with pytest.raises(refusal) as told:
        validated(ALL, values)
    assert told.value.field == pointer


@pytest.mark.parametrize(
    "number",
    [
        0.1 + 0.2,
        float("inf"),
        float("-inf"),
        float("nan"),
        Decimal("1E+999999"),
        Decimal("1E-999999"),
        Decimal("NaN"),
        Decimal("0.1234567891"),
        1e15,
        10**15,
        -(10**400),
        1234567.123456789,
    ],
)
def test_a_number_that_would_not_stay_exact_is_refused(number: object) -> None:
    with pytest.raises(AttributeValueRefused):
        validated([WEIGHT], {"weight": number})


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        (-0.0, 0),
        (Decimal("-0"), 0),
        (Decimal("0E-999999"), 0),
        (2.0, 2),
        (Decimal("2.50"), 2.5),
        (Decimal("1E+3"), 1000),
        (1e14, 10**14),
        (999_999_999_999_999, 999_999_999_999_999),
        (-0.000000001, -1e-9),
        (0.1, 0.1),
    ],
)
def test_a_number_is_kept_in_one_way_of_writing_it(number: object, kept: float) -> None:
    value = validated([WEIGHT], {"weight": number})["weight"]
    assert (repr(value), type(value)) == (repr(kept), type(kept))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9))
@example(Decimal("999999.123456789"))
@example(Decimal("9999999.123456789"))
def test_what_is_accepted_is_exact(number: Decimal) -> None:
    try:
        kept = validated([WEIGHT], {"weight": number})["weight"]
    except AttributeValueRefused:
        return
    assert Decimal(repr(kept)) == number
    assert validated([WEIGHT], {"weight": kept}) == {"weight": kept}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"label": " "}, "/label"),
        ({"label": "a\nb"}, "/label"),
        ({"kind": AttributeKind.TEXT}, "/options"),
        ({"options": ()}, "/options"),
        ({"options": ("red", " red")}, "/options"),
        ({"options": ("",)}, "/options"),
        ({"options": ("x" * 101,)}, "/options"),
        ({"options": tuple(map(str, range(201)))}, "/options"),
        ({"unit": "kg"}, "/unit"),
        ({"kind": AttributeKind.NUMBER, "options": (), "unit": "x" * 21}, "/unit"),
        ({"code": "Color"}, None),
        ({"code": "a.b"}, None),
        ({"code": "x" * 41}, None),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(
    change: dict[str, Any], pointer: str | None
) -> None:
    said: dict[str, Any] = {
        "code": "color",
        "label": "Colour",
        "kind": AttributeKind.ENUM,
        "options": ("red", "blue"),
    }
    with pytest.raises((DefinitionRefused, TextRefused)) as told:
        Definition(**said | change).tidied()
    assert told.value.field == pointer


def test_defining_the_same_again_is_no_change() -> None:
    attribute = Attribute.define(COLOR, of=uuid4(), at=NOON)
    assert [event.kind() for event in attribute.release_events()] == ["catalog.AttributeDefined"]
    assert not attribute.redefine(COLOR, at=NOON)
    assert attribute.release_events() == []
    assert attribute.redefine(NOTE, at=NOON)
    assert attribute.definition.code == "color"
    assert len(attribute.release_events()) == 1
