"""What things cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from shared_kernel.domain import Invalid

AMOUNT = r"^(0|[1-9][0-9]{0,9})([.][0-9]{1,3})?$"
CURRENCY = r"^[A-Z]{3}$"
HIGHEST = Decimal("9999999999.99")

_TWO_DIGITS = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
    HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD
    MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON
    RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD
    TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG
"""
_NO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"

# ISO 4217: how many decimal digits a currency has.
DIGITS: Mapping[str, int] = {
    **dict.fromkeys(_TWO_DIGITS.split(), 2),
    **dict.fromkeys(_NO_DIGITS.split(), 0),
    **dict.fromkeys(_THREE_DIGITS.split(), 3),
}


class CurrencyUnknown(Invalid):
    """The code is none of a currency in use (ISO 4217)."""


class AmountRefused(Invalid):
    """The amount is out of bounds or finer than the currency's smallest coin."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency: 0 to 9,999,999,999.99, no finer than its smallest coin.

    Two of them are equal when they are worth the same: `12.5` EUR is `12.50` EUR.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        digits = DIGITS.get(self.currency)
        if digits is None:
            raise CurrencyUnknown("is no currency code of ISO 4217", field="/price/currency")
        # Bounds first: to round 1E+999999 would take all memory there is.
        if not self.amount.is_finite() or self.amount.is_signed() or self.amount > HIGHEST:
            raise AmountRefused(f"is not between 0 and {HIGHEST}", field="/price/amount")
        if self.amount != round(self.amount, digits):
            raise AmountRefused(
                f"{self.currency} has {digits} decimal digits", field="/price/amount"
            )


def written(amount: Decimal, currency: str) -> str:
    """Return the amount with exactly the digits of its currency: `12.50`, or `1250` in JPY."""
    return f"{amount:.{DIGITS[currency]}f}"
