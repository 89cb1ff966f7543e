"""What can be done with price lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from modules.catalog.application.amounts import money
from modules.catalog.application.parts import OfProducts
from modules.catalog.application.pricing.showing import PriceView, price_view
from modules.catalog.application.queries import Price
from modules.catalog.domain.prices import ListedPrice, Period
from modules.catalog.domain.variants import must_live
from modules.catalog.ports import Transaction
from modules.catalog.public import PRODUCTS_WRITE
from shared_kernel.application import ABSENT, Absent, Aware, Caller, Clock, Command, given

Moment = Annotated[datetime, Aware()]


class SetPrice(Command):
    """What the product, or the variant named, costs in a currency: from now on, unless told."""

    price: Price
    variant_id: UUID | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None


class ChangePrice(Command):
    """New values for some members (JSON Merge Patch, RFC 7386): what is not sent stays.

    An `ends_at` of null: for good.
    """

    price: Price | Absent = ABSENT
    starts_at: Moment | Absent = ABSENT
    ends_at: Moment | Absent | None = ABSENT


@dataclass(frozen=True, slots=True)
class PriceService:
    """The upkeep of price lists: whoever may write the product may set prices."""

    begin: Transaction
    clock: Clock
    of: OfProducts

    async def set(self, caller: Caller, product_id: UUID, command: SetPrice) -> PriceView:
        """Set a price for a time. Raises PricesOverlap, PeriodRefused, NoSuchVariant."""
        async with self.begin() as tx:
            product = await self.of.locked(caller, PRODUCTS_WRITE, tx, product_id)
            must_live(product)
            if command.variant_id is not None:
                await tx.variants.of(product_id, command.variant_id)
            now = self.clock.now()
            listed = ListedPrice.set(
                money(command.price),
                Period(command.starts_at or now, command.ends_at),
                product_id=product_id,
                variant_id=command.variant_id,
                others=await tx.prices.living_of(product_id, at=now),
                at=now,
            )
            tx.prices.add(listed)
        return price_view(listed)

    async def change(
        self, caller: Caller, product_id: UUID, id: UUID, command: ChangePrice, *, expected: int
    ) -> PriceView:
        """Change a price, or when it ends. Raises Stale unless it is at the version expected."""
        async with self.begin() as tx:
            await self.of.locked(caller, PRODUCTS_WRITE, tx, product_id)
            listed = await tx.prices.of(product_id, id)
            listed.must_be_at(expected)
            price = listed.price if isinstance(command.price, Absent) else money(command.price)
            period = Period(
                given(command.starts_at, listed.starts_at), given(command.ends_at, listed.ends_at)
            )
            listed.change(price, period, at=self.clock.now())
        return price_view(listed)

    async def withdraw(self, caller: Caller, product_id: UUID, id: UUID, *, expected: int) -> None:
        """Take back a price that was never in force, at the version expected."""
        async with self.begin() as tx:
            await self.of.locked(caller, PRODUCTS_WRITE, tx, product_id)
            listed = await tx.prices.of(product_id, id)
            listed.must_be_at(expected)
            listed.withdraw(at=self.clock.now())
            await tx.prices.remove(listed)
