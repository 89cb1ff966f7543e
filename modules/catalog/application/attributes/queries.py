"""What can be asked about the attributes of categories."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from modules.catalog.domain.attributes import AttributeKind


@dataclass(frozen=True, slots=True)
class AttributeView:
    """An attribute of a category, which `category_id` defines: itself, or a category above.

    `unit` is shown behind a number. `options` are the values of an enum; other kinds have none.
    """

    category_id: UUID
    code: str
    label: str
    kind: AttributeKind
    unit: str | None
    options: list[str]
    required: bool
    filterable: bool
    position: int
    version: int


@dataclass(frozen=True, slots=True)
class Meaning:
    """What some category means by a code: the kind of its values, and whether one filters by it."""

    code: str
    kind: AttributeKind
    filterable: bool


class AttributeQueries(Protocol):
    """Reads attributes. Everyone may see them."""

    async def attributes(self, category_id: UUID) -> Sequence[AttributeView]:
        """Return what a category defines and inherits, by position. Raises NoSuchCategory."""
        ...

    async def attribute(self, category_id: UUID, code: str) -> AttributeView:
        """Return one of them. Raises NoSuchCategory, NoSuchAttribute."""
        ...

    async def meanings(self, codes: Collection[str], category_id: UUID | None) -> Sequence[Meaning]:
        """Return what codes mean to a category, to those above and below it; or to any at all."""
        ...
