"""Amounts of money as they are sent and shown."""

from __future__ import annotations

from decimal import Decimal

from modules.catalog.application.queries import Price
from modules.catalog.domain.money import Money, written


def money(price: Price) -> Money:
    """Return the amount that was sent. Raises CurrencyUnknown, AmountRefused."""
    return Money(Decimal(price.amount), price.currency)


def priced(money: Money) -> Price:
    """Return an amount as it is shown, with the digits of its currency."""
    return Price(amount=written(money.amount, money.currency), currency=money.currency)
