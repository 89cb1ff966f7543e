"""What is found: views, and the port that finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from modules.catalog.application.queries import ProductFilter, ProductView
from modules.catalog.domain.attributes import AttributeKind
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


MOST_VALUES = 50
"""So many values are told of each kind."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """How many products have a value: an id, a tag, or what an attribute is filtered by."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one kind that products have: the commonest 50, `more` where there are others.

    `name` is what to filter by: `brand_id`, `category_id`, `tag`, or `attributes.` and a code. Of
    an attribute there are `label`, `kind` and `unit`, as its category defines them. Options of an
    enum come in their order, numbers by size, all others the commonest first; `minimum` and
    `maximum` are of all numbers there are.
    """

    name: str
    label: str | None
    kind: AttributeKind | None
    unit: str | None
    minimum: int | float | None
    maximum: int | float | None
    more: bool
    values: list[FacetValue]


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
