"""What the rows of a file say: one of two kinds, known by their members."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from modules.catalog.domain.category import MAX_POSITION
from modules.catalog.domain.product import Status
from modules.catalog.domain.text import code, line
from modules.catalog.ports import SourceRow
from shared_kernel.application import ABSENT, Absent
from shared_kernel.domain import Invalid

Members = Mapping[str, object]


class RowRefused(Invalid):
    """A row of a file does not say what it should."""


class RowUnreadable(Invalid):
    """A row of a file cannot be read: it is broken, too long, or of no known kind."""


class RowRepeated(Invalid):
    """Another row of the file is about the same thing."""


class RowKind(StrEnum):
    """What a row tells of."""

    CATEGORY = "category"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRow:
    """A category under its id elsewhere.

    `parent` is the external id of the one it stands under, None at the top, ABSENT when the row
    does not say. An implied row was named on the way to another and only makes what is missing.
    """

    source: SourceRow
    external_id: str
    name: str
    parent: str | Absent | None
    position: int | Absent = ABSENT
    implied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read rows: their kind, where they do not show it, and what they leave unsaid."""

    kind: RowKind | None = None
    currency: str = "USD"
    status: Status = Status.PUBLISHED


def kind_of(row: SourceRow, reading: Reading) -> RowKind:
    """Return the kind of a row: a SKU makes a product, an id a category. Raises RowUnreadable."""
    if row.fault is not None:
        raise RowUnreadable(row.fault)
    if reading.kind is not None:
        return reading.kind
    if "sku" in row.members:
        return RowKind.PRODUCT
    if not row.members.keys().isdisjoint({"external_id", "id"}):
        return RowKind.CATEGORY
    raise RowUnreadable("is neither a product (sku) nor a category (external_id or id)")


def categories_in(row: SourceRow) -> list[CategoryRow]:
    """Return the category of a row, after those its path leads through. Raises Invalid."""
    external_id = code(required(row.members, "external_id", "id"), field="/external_id")
    name = text_in(row.members, "name")
    said = CategoryRow(
        source=row,
        external_id=external_id,
        name=external_id if name is None else line(name, field="/name"),
        parent=_parent(row.members),
        position=_position(row.members),
    )
    if row.members.get("path") is None:
        return [said]
    return _along(said, _path(row.members["path"]))


def _along(said: CategoryRow, path: Sequence[tuple[str, str]]) -> list[CategoryRow]:
    if not path or path[-1][0] != said.external_id:
        raise RowRefused("does not end with the category itself", field="/path")
    above: str | None = None
    rows: list[CategoryRow] = []
    for external_id, name in path[:-1]:
        rows.append(
            CategoryRow(
                source=said.source, external_id=external_id, name=name, parent=above, implied=True
            )
        )
        above = external_id
    own = CategoryRow(
        source=said.source,
        external_id=said.external_id,
        name=said.name,
        parent=above,
        position=said.position,
    )
    return [*rows, own]


def _path(value: object) -> list[tuple[str, str]]:
    if not isinstance(value, list):
        raise RowRefused("is not a list", field="/path")
    return [_step(step) for step in cast("list[object]", value)]


def _step(value: object) -> tuple[str, str]:
    if not isinstance(value, dict):
        raise RowRefused("has a step that is no object", field="/path")
    step = cast("dict[str, object]", value)
    external_id = code(required(step, "id"), field="/path")
    return external_id, line(text_in(step, "name") or external_id, field="/path")


def _parent(members: Members) -> str | Absent | None:
    parent = text_in(members, "parent")
    return code(parent, field="/parent") if parent else unsaid(members, "parent")


def unsaid(members: Members, name: str) -> Absent | None:
    """What no value means: nothing, where the member is there and empty; else not a word."""
    return None if name in members else ABSENT


def _position(members: Members) -> int | Absent:
    value = members.get("position")
    if value is None or value == "":
        return ABSENT
    if isinstance(value, str) and re.fullmatch("[0-9]{1,7}", value):
        value = int(value)
    if type(value) is not int or not 0 <= value <= MAX_POSITION:
        raise RowRefused(f"is not a whole number up to {MAX_POSITION}", field="/position")
    return value


def required(members: Members, *names: str) -> str:
    """Return the text of the first of these members that is there. Raises RowRefused."""
    value = text_in(members, *names)
    if value is None:
        raise RowRefused("is missing", field=f"/{names[0]}")
    return value


def text_in(members: Members, *names: str) -> str | None:
    """Return the text of the first of these members that is there. Raises RowRefused."""
    for name in names:
        value = members.get(name)
        if isinstance(value, str):
            return value
        if value is not None:
            raise RowRefused("is not a text", field=f"/{name}")
    return None
