"""Filters on attributes, as far as categories declare what is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from modules.catalog.application.attributes.queries import AttributeQueries
from modules.catalog.domain.attributes import ATTRIBUTE_CODE, AttributeKind, AttributeUnknown
from shared_kernel.domain import Invalid

MOST_FILTERS = 10
MOST_CHARACTERS = 100
PREFIX = "attributes."

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_COMPARED = {"gte": ">=", "lte": "<="}


class AttributeFilterRefused(Invalid):
    """A filter on an attribute names none, or asks for what no value of its kind can be."""


class AttributeNotFilterable(Invalid):
    """The attribute is declared as one that products are not filtered by."""


@dataclass(frozen=True, slots=True)
class AttributeFilter:
    """What a query parameter asks of an attribute: to be a value, or to be no less or no more."""

    code: str
    comparison: str
    value: str

    @property
    def parameter(self) -> str:
        """Where a refusal points."""
        return f"?{PREFIX}{self.code}" + (f".{self.comparison}" if self.comparison else "")

    def predicate(self, kinds: Collection[AttributeKind]) -> str:
        """Return it as a path predicate of SQL/JSON, for the kinds of value it may meet."""
        path, found = f'$."{self.code}"', [*self._met(kinds)]
        if not found:
            raise AttributeFilterRefused(
                f"is compared with {_said(kinds, self.comparison)}", field=self.parameter
            )
        if self.comparison:
            return f"(exists({path}) && {path} {_COMPARED[self.comparison]} {found[0]})"
        return "(" + " || ".join(f"{path} == {one}" for one in found) + ")"

    def _met(self, kinds: Collection[AttributeKind]) -> Iterator[str]:
        """Yield the values it is met by, as JSON."""
        if AttributeKind.NUMBER in kinds and _NUMBER.fullmatch(self.value):
            yield f"{Decimal(self.value):f}"
        if self.comparison:
            return
        if {AttributeKind.TEXT, AttributeKind.ENUM} & {*kinds}:
            yield json.dumps(self.value)
        if AttributeKind.FLAG in kinds and self.value in {"true", "false"}:
            yield self.value


@dataclass(frozen=True, slots=True)
class NarrowByAttributes:
    """Makes a condition of what query parameters ask of attributes."""

    queries: AttributeQueries

    async def __call__(
        self, asked: Iterable[tuple[str, str]], category_id: UUID | None
    ) -> str | None:
        """Return what is asked as a path predicate; None where nothing is asked.

        `attributes.colour=red`, `attributes.weight.gte=2`. What counts is what the category, those
        above and those below declare; without a category, what any does. Raises AttributeUnknown,
        AttributeNotFilterable, AttributeFilterRefused, each naming the parameter.
        """
        filters = filters_on_attributes(asked)
        if not filters:
            return None
        declared = await self.queries.meanings([one.code for one in filters], category_id)
        parts: list[str] = []
        for one in filters:
            meanings = [each for each in declared if each.code == one.code]
            if not meanings:
                raise AttributeUnknown("no category here declares it", field=one.parameter)
            kinds = {each.kind for each in meanings if each.filterable}
            if not kinds:
                raise AttributeNotFilterable("is not filtered by", field=one.parameter)
            parts.append(one.predicate(kinds))
        return " && ".join(sorted(parts))


def filters_on_attributes(asked: Iterable[tuple[str, str]]) -> Sequence[AttributeFilter]:
    """Return the filters among query parameters. Raises AttributeFilterRefused."""
    found = [_filter(name, value) for name, value in asked if name.startswith(PREFIX)]
    if len(found) > MOST_FILTERS:
        raise AttributeFilterRefused(f"at most {MOST_FILTERS} filters on attributes")
    return found


def _filter(name: str, value: str) -> AttributeFilter:
    code, _, comparison = name.removeprefix(PREFIX).partition(".")
    if re.fullmatch(ATTRIBUTE_CODE, code) is None or comparison not in {"", *_COMPARED}:
        raise AttributeFilterRefused("no attribute can be asked for like this")
    found = AttributeFilter(code, comparison, value)
    if len(value) > MOST_CHARACTERS:
        raise AttributeFilterRefused(
            f"has more than {MOST_CHARACTERS} characters", field=found.parameter
        )
    return found


def _said(kinds: Collection[AttributeKind], comparison: str) -> str:
    if comparison and AttributeKind.NUMBER not in kinds:
        return "nothing: only numbers are no less or no more than another"
    words = {AttributeKind.NUMBER: "a number", AttributeKind.FLAG: "true or false"}
    return " or ".join(word for kind, word in words.items() if kind in kinds)
