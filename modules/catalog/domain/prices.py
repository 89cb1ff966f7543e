"""Price lists: what a product or a variant costs in one currency from one time to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from modules.catalog.domain.money import Money
from modules.catalog.public import PriceChanged
from shared_kernel.domain import Aggregate, Conflict, Invalid, NotFound

MOST_PRICES = 500
"""Of one product with its variants, in force or to come."""


class NoSuchPrice(NotFound):
    """The product has no price of this id, or none in this currency at this time."""


class PricesOverlap(Conflict):
    """Another price of the same in the same currency is in force in that time."""


class PriceInForce(Conflict):
    """What was ever in force stays as it was. It can end, from now on."""


class PriceOver(Conflict):
    """The price is not in force any more: its time stays as it was."""


class PeriodRefused(Invalid):
    """A price ends after it starts, and neither lies in the past."""


class TooManyPrices(Conflict):
    """A product has 500 prices in force or to come at most."""


@dataclass(frozen=True, slots=True)
class Period:
    """From one time up to, and without, another one; for good where there is none."""

    starts_at: datetime
    ends_at: datetime | None

    def __post_init__(self) -> None:
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise PeriodRefused("is not after its start", field="/ends_at")


@dataclass(eq=False, kw_only=True)
class ListedPrice(Aggregate):
    """A price of a product, or of one of its variants, in a currency and for a time.

    That no two of the same overlap is the store's to ensure. What customers were told does not
    change afterwards: of a price that has begun only the end can be moved, and not into the past.
    """

    product_id: UUID
    variant_id: UUID | None
    price: Money
    starts_at: datetime
    ends_at: datetime | None
    created_at: datetime

    @classmethod
    def set(
        cls,
        price: Money,
        period: Period,
        *,
        product_id: UUID,
        variant_id: UUID | None,
        others: int,
        at: datetime,
    ) -> ListedPrice:
        """Return a new price, of a product that has so many others."""
        if others >= MOST_PRICES:
            raise TooManyPrices(f"a product has {MOST_PRICES} prices at most")
        if period.starts_at < at:
            raise PeriodRefused("lies in the past", field="/starts_at")
        listed = cls(
            product_id=product_id,
            variant_id=variant_id,
            price=price,
            starts_at=period.starts_at,
            ends_at=period.ends_at,
            created_at=at,
        )
        listed._tell(None, price, at)
        return listed

    def change(self, price: Money, period: Period, *, at: datetime) -> None:
        """Take a new amount and time. Raises PriceInForce, PriceOver, PeriodRefused."""
        old = self.price, Period(self.starts_at, self.ends_at)
        if (price, period) == old:
            return
        if self.ends_at is not None and self.ends_at <= at:
            raise PriceOver("it is not in force any more")
        begun = self.starts_at <= at
        if begun and (price, period.starts_at) != (self.price, self.starts_at):
            raise PriceInForce("it is in force: end it, and set another one")
        if not begun and period.starts_at < at:
            raise PeriodRefused("lies in the past", field="/starts_at")
        if period.ends_at is not None and period.ends_at < at:
            raise PeriodRefused("lies in the past", field="/ends_at")
        self.price, self.starts_at, self.ends_at = price, period.starts_at, period.ends_at
        self._tell(old[0], price, at)

    def withdraw(self, *, at: datetime) -> None:
        """Say that it goes, before it was ever in force."""
        if self.starts_at <= at:
            raise PriceInForce("it was in force: end it instead")
        self._tell(self.price, None, at)

    def _tell(self, old: Money | None, new: Money | None, at: datetime) -> None:
        self.record(
            price_changed(
                self.product_id,
                self.variant_id,
                old,
                new,
                Period(self.starts_at, self.ends_at),
                at=at,
            )
        )


def price_changed(
    product_id: UUID,
    variant_id: UUID | None,
    old: Money | None,
    new: Money | None,
    period: Period | None = None,
    *,
    at: datetime,
) -> PriceChanged:
    """Return what is told of a change of a price; without a period, of one that always holds."""
    return PriceChanged(
        subject_id=product_id,
        variant_id=variant_id,
        old_amount=None if old is None else old.amount,
        old_currency=None if old is None else old.currency,
        amount=None if new is None else new.amount,
        currency=None if new is None else new.currency,
        starts_at=None if period is None else period.starts_at,
        ends_at=None if period is None else period.ends_at,
        occurred_at=at,
    )
