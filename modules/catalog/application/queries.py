"""What can be asked of the catalog: views, filters, and the ports that answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Protocol
from uuid import UUID

from modules.catalog.domain.attributes import AttributeValue
from modules.catalog.domain.money import AMOUNT, CURRENCY
from modules.catalog.domain.product import Status
from shared_kernel.application import Command, Matches, Page, Slice, Sparse, view
from shared_kernel.application.conditions import Condition
from shared_kernel.domain import AccountId


class Price(Command):
    """An exact amount, as a string, and the ISO 4217 code of its currency."""

    amount: Annotated[str, Matches(AMOUNT)]
    currency: Annotated[str, Matches(CURRENCY)]


@view(frozen=True, slots=True)
class ProductView(Sparse):
    """A product. `owner_id` is null for what belongs to the house.

    `slug` names it in addresses; `attributes` are what its category asks for, by code.
    `allowed_actions` is there when asked for: which of `read`, `write`, `publish`, `share` the
    caller may do with it. Clients must tolerate values of it and of `status` they do not know.
    """

    id: UUID
    sku: str
    slug: str
    name: str
    description: str
    price: Price
    category_id: UUID | None
    brand_id: UUID | None
    tags: list[str]
    attributes: dict[str, AttributeValue]
    owner_id: UUID | None
    status: Status
    created_at: datetime
    published_at: datetime | None
    version: int
    allowed_actions: list[str] | None = None


class ProductSort(StrEnum):
    """Orders of a list of products; `-` turns one round. Prices are compared by amount."""

    OLDEST = "created_at"
    NEWEST = "-created_at"
    NAME = "name"
    NAME_DOWN = "-name"
    CHEAPEST = "price"
    DEAREST = "-price"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """Which products to show; None leaves a condition out.

    `category_id` includes what stands in the categories below it, `q` is what the name begins
    with (any case, taken literally), amounts are compared whatever their currency, and each of the
    `tags` is on what is shown. `attributes` is a path predicate (`NarrowByAttributes`).
    """

    status: Status | None = None
    category_id: UUID | None = None
    sku: str | None = None
    skus: Sequence[str] | None = None
    lowest: Decimal | None = None
    highest: Decimal | None = None
    currency: str | None = None
    owner_id: AccountId | None = None
    brand_id: UUID | None = None
    tags: Sequence[str] | None = None
    attributes: str | None = None
    q: str | None = None


class ProductQueries(Protocol):
    """Reads products, whoever asks. `ShowProducts` asks the policy."""

    async def product(self, product_id: UUID, *, locale: str | None = None) -> ProductView:
        """Return a product, in a language where it is translated. Raises NoSuchProduct."""
        ...

    async def called(self, slug: str, locale: str | None) -> ProductView:
        """Return the product of a slug, in a language or the shop's own. Raises NoSuchProduct."""
        ...

    async def products_of(self, ids: Sequence[UUID]) -> Mapping[UUID, ProductView]:
        """Return those of these products that there are."""
        ...

    async def products(
        self, where: ProductFilter, sort: ProductSort, part: Slice, *, within: Condition
    ) -> Page[ProductView]:
        """Return those that meet both the filter and `within`."""
        ...
