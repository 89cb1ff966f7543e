"""Giving whole catalogues out: what the one who asks may see of it, as rows that can come back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from modules.catalog.application.guarding import ProductGuard
from modules.catalog.application.queries import Price
from modules.catalog.domain.attributes import Attributes
from modules.catalog.domain.product import Status
from modules.catalog.domain.translations import Words
from shared_kernel.application import Caller, Page, Slice
from shared_kernel.application.conditions import Condition, Facts

PART = 500


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A product as an import reads it.

    `category` is the external id of its category, or the slug where it has none; `brand` the name
    of its brand.
    """

    sku: str
    slug: str
    name: str
    description: str
    price: Price
    category: str | None
    brand: str | None
    tags: Sequence[str]
    attributes: Attributes
    translations: Mapping[str, Words]
    status: Status


@dataclass(frozen=True, slots=True)
class Wording:
    """What there is to say about products: codes of attributes, and languages, in order."""

    attributes: Sequence[str]
    locales: Sequence[str]


class ExportQueries(Protocol):
    """Reads products as rows, whoever asks. `ExportProducts` asks the policy."""

    async def rows(
        self, status: Status | None, part: Slice, *, within: Condition
    ) -> Page[ExportRow]:
        """Return rows, the oldest first."""
        ...

    async def wording(self) -> Wording:
        """Return what categories define, and which languages there are translations in."""
        ...


@dataclass(frozen=True, slots=True)
class ExportProducts:
    """Gives out what somebody may read, part by part.

    No connection is held while the one who asks takes their time. What is made meanwhile comes at
    the end; each product comes once, as it was when its part was read.
    """

    queries: ExportQueries
    guard: ProductGuard

    async def wording(self) -> Wording:
        """Return what there is to say about products: what a table has columns for."""
        return await self.queries.wording()

    async def __call__(
        self, caller: Caller, status: Status | None
    ) -> AsyncIterator[Sequence[ExportRow]]:
        """Yield the rows, some hundred at a time; at least one part, which may be empty."""
        known: Facts = {} if status is None else {"resource.status": status.value}
        within, after = self.guard.visible(caller, known), tuple[str, ...]()
        while True:
            page = await self.queries.rows(status, Slice(limit=PART, after=after), within=within)
            yield page.items
            if page.last is None:
                return
            after = page.last
