"""Filters on attributes, by the type their value has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal

from modules.catalog.domain.attributes import ATTRIBUTE_CODE
from shared_kernel.domain import Invalid

MOST_FILTERS = 10
MOST_CHARACTERS = 100
PREFIX = "attributes."

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_COMPARED = {"gte": ">=", "lte": "<="}


class AttributeFilterRefused(Invalid):
    """A filter on an attribute names none, compares with no number, or is one too many."""


def condition_on_attributes(asked: Iterable[tuple[str, str]]) -> str | None:
    """Return what query parameters ask of attributes, as a path predicate of SQL/JSON.

    `attributes.colour=red`, `attributes.weight.gte=2`. None where they ask nothing. A value that
    reads as a number or as a flag is met by both: the text, and what it reads as.
    """
    parts = [_part(name, value) for name, value in asked if name.startswith(PREFIX)]
    if len(parts) > MOST_FILTERS:
        raise AttributeFilterRefused(f"at most {MOST_FILTERS} filters on attributes")
    return " && ".join(sorted(parts)) or None


def _part(name: str, value: str) -> str:
    code, _, comparison = name.removeprefix(PREFIX).partition(".")
    if re.fullmatch(ATTRIBUTE_CODE, code) is None or comparison not in {"", *_COMPARED}:
        raise AttributeFilterRefused("no attribute can be asked for like this")
    if len(value) > MOST_CHARACTERS:
        raise AttributeFilterRefused(f"has more than {MOST_CHARACTERS} characters")
    path, is_number = f'$."{code}"', _NUMBER.fullmatch(value) is not None
    if comparison:
        if not is_number:
            raise AttributeFilterRefused("is compared with a number")
        return f"(exists({path}) && {path} {_COMPARED[comparison]} {_number(value)})"
    meanings = [json.dumps(value)]
    if is_number:
        meanings.append(_number(value))
    elif value in {"true", "false"}:
        meanings.append(value)
    return "(" + " || ".join(f"{path} == {one}" for one in meanings) + ")"


def _number(value: str) -> str:
    return f"{Decimal(value):f}"
