"""What is shown of prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from modules.catalog.application.amounts import priced
from modules.catalog.application.parts import OfProducts
from modules.catalog.application.queries import Price
from modules.catalog.application.variants.showing import VariantQueries
from modules.catalog.domain.money import Money
from modules.catalog.domain.prices import ListedPrice, NoSuchPrice
from modules.catalog.public import PRODUCTS_WRITE
from shared_kernel.application import Caller, Clock, Page, Slice


@dataclass(frozen=True, slots=True)
class PriceView:
    """What a product, or a variant where one is named, costs from a time up to another one."""

    id: UUID
    product_id: UUID
    variant_id: UUID | None
    price: Price
    starts_at: datetime
    ends_at: datetime | None
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A price that became another one: `old` is null for a new one, `new` for one taken back.

    Without `starts_at` it is the price of the product itself, or the variant's own.
    """

    id: UUID
    variant_id: UUID | None
    old: Price | None
    new: Price | None
    starts_at: datetime | None
    ends_at: datetime | None
    actor_id: UUID | None
    occurred_at: datetime


class PriceSource(StrEnum):
    """Where a price in force comes from, the one that wins first."""

    VARIANT_LIST = "variant_list"
    VARIANT = "variant"
    PRODUCT_LIST = "product_list"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class PriceInForceView:
    """What something costs at a time, and until when that is known to hold."""

    price: Price
    source: PriceSource
    starts_at: datetime | None
    ends_at: datetime | None


def price_view(listed: ListedPrice) -> PriceView:
    """Return what is shown of a price that was just stored."""
    return PriceView(
        id=listed.id,
        product_id=listed.product_id,
        variant_id=listed.variant_id,
        price=priced(listed.price),
        starts_at=listed.starts_at,
        ends_at=listed.ends_at,
        created_at=listed.created_at,
        version=listed.version,
    )


class PriceQueries(Protocol):
    """Reads prices, whoever asks. `ShowPrices` asks the policy about their product."""

    async def price(self, product_id: UUID, id: UUID) -> PriceView:
        """Return a listed price. Raises NoSuchPrice."""
        ...

    async def prices(
        self, product_id: UUID, variant_id: UUID | None, currency: str | None, part: Slice
    ) -> Page[PriceView]:
        """Return the listed prices of a product and its variants, those that start first."""
        ...

    async def in_force(
        self, product_id: UUID, variant_id: UUID | None, currency: str, *, at: datetime
    ) -> Sequence[PriceView]:
        """Return the listed prices in force, of the variant before that of the product."""
        ...

    async def changes(self, product_id: UUID, part: Slice) -> Page[PriceChange]:
        """Return what became of the prices of a product, the newest change first."""
        ...


@dataclass(frozen=True, slots=True)
class ShowPrices:
    """Shows what things cost to whoever may read them, and the plans to those who set prices."""

    queries: PriceQueries
    variants: VariantQueries
    of: OfProducts
    clock: Clock

    async def in_force(
        self,
        caller: Caller | None,
        product_id: UUID,
        variant_id: UUID | None,
        currency: str | None,
        at: datetime | None,
    ) -> PriceInForceView:
        """Return what something costs, in the currency of the product's own price unless told.

        Raises NoSuchPrice where it has no price in a currency.
        A variant's listed price wins, then its own, the product's listed one and at last the
        product's own.
        """
        product = await self.of.readable(caller, product_id)
        at, currency = at or self.clock.now(), currency or product.price.currency
        variant = variant_id and await self.variants.variant(product_id, variant_id)
        listed = await self.queries.in_force(product_id, variant_id, currency, at=at)
        for one in listed:
            if one.variant_id is not None:
                return _listed(one, PriceSource.VARIANT_LIST)
        if variant and variant.price is not None and variant.price.currency == currency:
            return PriceInForceView(variant.price, PriceSource.VARIANT, None, None)
        for one in listed:
            return _listed(one, PriceSource.PRODUCT_LIST)
        if product.price.currency != currency:
            raise NoSuchPrice("it has no price in this currency")
        own = priced(Money(Decimal(product.price.amount), currency))
        return PriceInForceView(own, PriceSource.PRODUCT, None, None)

    async def one(self, caller: Caller, product_id: UUID, id: UUID) -> PriceView:
        """Return a listed price. Raises NoSuchProduct, NoSuchPrice."""
        await self.of.allowed(caller, PRODUCTS_WRITE, product_id)
        return await self.queries.price(product_id, id)

    async def listed(
        self,
        caller: Caller,
        product_id: UUID,
        variant_id: UUID | None,
        currency: str | None,
        part: Slice,
    ) -> Page[PriceView]:
        """Return what is, was and will be listed. Raises NoSuchProduct."""
        await self.of.allowed(caller, PRODUCTS_WRITE, product_id)
        return await self.queries.prices(product_id, variant_id, currency, part)

    async def changes(self, caller: Caller, product_id: UUID, part: Slice) -> Page[PriceChange]:
        """Return who changed which price when. Raises NoSuchProduct."""
        await self.of.allowed(caller, PRODUCTS_WRITE, product_id)
        return await self.queries.changes(product_id, part)


def _listed(one: PriceView, source: PriceSource) -> PriceInForceView:
    return PriceInForceView(one.price, source, one.starts_at, one.ends_at)
