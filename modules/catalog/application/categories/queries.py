"""What can be asked about categories: views, filters, and the port that answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from shared_kernel.application import Page, Slice, Sparse
from shared_kernel.application.conditions import Condition
from shared_kernel.domain import Invalid


@dataclass(frozen=True, slots=True)
class CategoryView:
    """A category. `slug` names it in addresses, `external_id` in the system it came from."""

    id: UUID
    name: str
    slug: str
    parent_id: UUID | None
    position: int
    external_id: str | None
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class CategoryNode(Sparse):
    """A category with all that stands below it, in the order of position and name.

    `product_count` is there when asked for: how many products the caller may read stand in it and
    in all below it, also in those that are deeper than what is shown.
    """

    id: UUID
    name: str
    slug: str
    external_id: str | None
    children: list[CategoryNode] = field(default_factory=list["CategoryNode"])
    product_count: int | None = None


@dataclass(frozen=True, slots=True)
class CategoryStep:
    """A category on the way from the top to another one."""

    id: UUID
    name: str
    slug: str


class CategorySort(StrEnum):
    """Orders of a list of categories."""

    POSITION = "position"
    NAME = "name"
    NAME_DOWN = "-name"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFilter:
    """Which categories to show; None leaves a condition out."""

    parent_id: UUID | None = None
    external_id: str | None = None


class TreeTooLarge(Invalid):
    """The part of the tree asked for has more than 10,000 categories."""


class CategoryQueries(Protocol):
    """Reads categories. Everyone may see them."""

    async def category(self, category_id: UUID) -> CategoryView:
        """Return a category. Raises NoSuchCategory."""
        ...

    async def category_of(self, slug: str) -> CategoryView:
        """Return the category that has a slug. Raises NoSuchCategory."""
        ...

    async def categories(
        self, where: CategoryFilter, sort: CategorySort, part: Slice
    ) -> Page[CategoryView]: ...

    async def path(self, category_id: UUID) -> Sequence[CategoryStep]:
        """Return the way from the top to a category, which ends it. Raises NoSuchCategory."""
        ...

    async def tree(
        self, *, below: UUID | None, depth: int, counted: Condition | None = None
    ) -> Sequence[CategoryNode]:
        """Return `depth` levels of the tree, from the top or from below a category.

        With the number of products in each that meet the condition `counted`, where one is given.
        Raises TreeTooLarge.
        """
        ...
