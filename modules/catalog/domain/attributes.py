"""Attributes: what a category says its products can be described by, and what is said of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from modules.catalog.domain.text import line
from modules.catalog.public import AttributeDefined, AttributeRemoved
from shared_kernel.domain import Aggregate, Conflict, Invalid, NotFound

# Fit to be part of a query parameter and of a JSON pointer as it stands.
ATTRIBUTE_CODE = r"^[a-z][a-z0-9_]{0,39}$"
ATTRIBUTE_CODE_LENGTH = 40
UNIT_LENGTH = 20
OPTION_LENGTH = 100
MOST_OPTIONS = 200
MOST_ATTRIBUTES = 100

# Fifteen digits survive in every reader of JSON, those included that know only doubles.
MOST_DIGITS, MOST_DECIMALS = 15, 9

# Bounded, because what is read here comes from anywhere.
WRITTEN_NUMBER = re.compile(r"-?[0-9]{1,40}([.][0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
FLAGS = {"true": True, "false": False}

AttributeValue = str | int | float | bool
"""A value as JSON has it. Of a number the digits are exact: there are at most 15 of them."""

Attributes = Mapping[str, AttributeValue]
"""What is said of a product, by code."""


class NoSuchAttribute(NotFound):
    """The category has no attribute of this code, neither its own nor an inherited one."""


class DefinitionRefused(Invalid):
    """A definition of an attribute contradicts itself."""


class AttributeCodeTaken(Conflict):
    """A category above or below defines an attribute of this code, which would mean two things."""


class AttributesInTheWay(Conflict):
    """An import would move a category above or below which attributes are defined."""


class ValuesContradict(Conflict):
    """Products have values that would not be taken any more, or none where one is required."""


class TooManyAttributes(Conflict):
    """A category defines as many attributes as it can."""


class AttributeUnknown(Invalid):
    """The product's category, and those above it, have no attribute of this code."""


class AttributeValueRefused(Invalid):
    """A value is none of those its attribute takes."""


class AttributeMissing(Invalid):
    """The product's category requires an attribute that has no value."""


class AttributeKind(StrEnum):
    """What values of an attribute are: a line of text, a number, one of its options, yes or no."""

    TEXT = "text"
    NUMBER = "number"
    ENUM = "enum"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Definition:
    """What an attribute is called, and which values it takes.

    unit      what a number counts, as it is shown behind it
    options   the values of an enum, in the order they are shown
    required  a product of the category has to have a value
    """

    code: str
    label: str
    kind: AttributeKind
    unit: str | None = None
    options: tuple[str, ...] = ()
    required: bool = False
    filterable: bool = True
    position: int = 0

    def asks_more_than(self, other: Definition) -> bool:
        """Say whether a value may agree with the other one, or its absence, and not with this."""
        asked = (self.kind, {*self.options}, self.required)
        return asked != (other.kind, {*other.options}, other.required)

    def tidied(self) -> Definition:
        """Return it with its texts trimmed and checked. Raises Invalid."""
        if re.fullmatch(ATTRIBUTE_CODE, self.code) is None:
            raise DefinitionRefused("needs 1 to 40 of a-z, 0-9 and _, a letter first")
        if self.unit is not None and self.kind is not AttributeKind.NUMBER:
            raise DefinitionRefused("only numbers have a unit", field="/unit")
        return replace(
            self,
            label=line(self.label, field="/label"),
            unit=None if self.unit is None else _short(self.unit, UNIT_LENGTH, "/unit"),
            options=self._tidied_options(),
        )

    def _tidied_options(self) -> tuple[str, ...]:
        field = "/options"
        if bool(self.options) is not (self.kind is AttributeKind.ENUM):
            raise DefinitionRefused("an enum has options, and nothing else has", field=field)
        options = tuple(_short(one, OPTION_LENGTH, field) for one in self.options)
        if len(options) > MOST_OPTIONS:
            raise DefinitionRefused(f"has more than {MOST_OPTIONS} options", field=field)
        if len({*options}) < len(options):
            raise DefinitionRefused("names an option twice", field=field)
        return options

    def accepted(self, value: object) -> AttributeValue:
        """Return a value as it is kept. Raises Invalid for one that the attribute does not take."""
        pointer = pointer_to(self.code)
        if self.kind is AttributeKind.NUMBER:
            return _number(value, pointer)
        if self.kind is AttributeKind.FLAG:
            if isinstance(value, bool):
                return value
            raise AttributeValueRefused("is neither true nor false", field=pointer)
        if not isinstance(value, str):
            raise AttributeValueRefused("is not a text", field=pointer)
        if self.kind is AttributeKind.ENUM and value not in self.options:
            raise AttributeValueRefused("is none of the options", field=pointer)
        return value if self.kind is AttributeKind.ENUM else line(value, field=pointer)

    def meant(self, text: str) -> object:
        """Return what a text stands for that a table had no other way to write: `2.5`, `true`.

        What it cannot stand for stays a text, which the attribute then refuses.
        """
        if self.kind is AttributeKind.NUMBER and WRITTEN_NUMBER.fullmatch(text):
            return Decimal(text)
        return FLAGS.get(text, text) if self.kind is AttributeKind.FLAG else text


@dataclass(eq=False, kw_only=True)
class Attribute(Aggregate):
    """An attribute that a category defines, for its own products and for those below it.

    Along a path of the tree a code is defined once: it means the same to all who inherit it.
    """

    category_id: UUID
    definition: Definition

    @classmethod
    def define(cls, definition: Definition, *, of: UUID, at: datetime) -> Attribute:
        """Return a new attribute of a category."""
        attribute = cls(category_id=of, definition=definition.tidied())
        attribute._tell(at)
        return attribute

    def redefine(self, definition: Definition, *, at: datetime) -> bool:
        """Take a new definition; return whether anything is new. The code stays."""
        new = replace(definition, code=self.definition.code).tidied()
        if new == self.definition:
            return False
        self.definition = new
        self._tell(at)
        return True

    def remove(self, *, at: datetime) -> None:
        """Say that it goes. That no product has a value of it is the store's to ensure."""
        self.record(
            AttributeRemoved(
                subject_id=self.category_id, attribute=self.definition.code, occurred_at=at
            )
        )

    def _tell(self, at: datetime) -> None:
        self.record(
            AttributeDefined(
                subject_id=self.category_id,
                attribute=self.definition.code,
                value_kind=self.definition.kind.value,
                occurred_at=at,
            )
        )


def validated(definitions: Iterable[Definition], values: Mapping[str, object]) -> Attributes:
    """Return the values of a product as they are kept, in the order of the definitions.

    `definitions` are those of its category and of all above. Raises AttributeUnknown,
    AttributeMissing, AttributeValueRefused or TextRefused with the pointer `/attributes/<code>`.
    """
    known = {one.code: one for one in definitions}
    for code in values:
        if code not in known:
            # The code is the sender's own word, which no answer repeats.
            raise AttributeUnknown("one is no attribute of the category", field="/attributes")
    for code, definition in known.items():
        if definition.required and code not in values:
            raise AttributeMissing("is required by the category", field=pointer_to(code))
    return {code: known[code].accepted(values[code]) for code in known if code in values}


def pointer_to(code: str) -> str:
    """Return the JSON pointer of an attribute's value, whatever somebody calls it (RFC 6901)."""
    return "/attributes/" + code.replace("~", "~0").replace("/", "~1")


def _short(text: str, length: int, field: str) -> str:
    tidy = line(text, field=field)
    if len(tidy) > length:
        raise DefinitionRefused(f"has more than {length} characters", field=field)
    return tidy


def _number(value: object, pointer: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise AttributeValueRefused("is not a number", field=pointer)
    if type(value) is int and abs(value) < 10**MOST_DIGITS:
        return value
    # What a float is read from is the shortest text that it is written as.
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    # Bounds first: to write out 1E+999999 would take all memory there is.
    if not exact.is_finite() or abs(exact) >= 10**MOST_DIGITS:
        raise AttributeValueRefused(f"has more than {MOST_DIGITS} digits", field=pointer)
    if exact == 0:
        return 0
    digits, decimals = _digits(exact)
    if digits > MOST_DIGITS or decimals > MOST_DECIMALS:
        raise AttributeValueRefused(
            f"has more than {MOST_DIGITS} digits, or {MOST_DECIMALS} behind the point",
            field=pointer,
        )
    return float(exact) if decimals > 0 else int(exact)


def _digits(exact: Decimal) -> tuple[int, int]:
    """Return how many digits a number has that count, and how many behind the point."""
    _, digits, exponent = exact.as_tuple()
    written = "".join(map(str, digits)).rstrip("0")
    return len(written), -(int(exponent) + len(digits) - len(written))
