"""What is found: views, and the port that finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from modules.catalog.application.queries import ProductFilter, ProductView
from shared_kernel.application import Page, Slice
from shared_kernel.application.conditions import Condition

MOST_RANKED = 1_000
"""So many of what matches are ranked: ranking all that hold a common word would take seconds."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a text as it was written: plain text and no HTML. `marked` is what was found."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Highlights:
    """Where the words stand: all of the name, and what surrounds them in the description.

    Put together, the fragments of the name are the name. The description has none where it holds
    none of the words.
    """

    name: list[Fragment]
    description: list[Fragment]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A product that was found. `similar`: its name only resembles what was asked for."""

    product: ProductView
    similar: bool
    highlights: Highlights


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name to search for. The fragments are the name; `marked` is what was typed of it."""

    name: str
    fragments: list[Fragment]


MOST_FACETED = 5_000
"""Of so many products, the newest, facets are counted where nothing is searched for."""


@dataclass(frozen=True, slots=True)
class Facet:
    """How many products have a value: a brand or category by id, a tag, or an attribute's value.

    `name` is what to filter by: `brand_id`, `category_id`, `tag`, or `attributes.` and a code.
    """

    name: str
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The commonest values of what is found, and of how many products they are.

    `total_capped`: there are more products than were counted.
    """

    items: list[Facet]
    total: int
    total_capped: bool


class FindingQueries(Protocol):
    """Finds products, whoever asks. `FindProducts` asks the policy."""

    async def search(
        self, q: str, where: ProductFilter, part: Slice, *, within: Condition
    ) -> Page[SearchHit]:
        """Return what holds all the words of `q`, the best first; else what resembles it.

        Only what meets both the filter and `within` counts, also for whether there is anything.
        """
        ...

    async def suggestions(
        self, q: str, where: ProductFilter, *, limit: int, within: Condition
    ) -> Sequence[Suggestion]:
        """Return names that begin with `q`, then names in which other words do."""
        ...

    async def facets(self, q: str | None, where: ProductFilter, *, within: Condition) -> Facets:
        """Count values of what `search` finds; without `q`, of what there is."""
        ...
