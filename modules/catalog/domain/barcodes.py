"""Numbers of trade items as shops scan them."""

from __future__ import annotations

import re

from shared_kernel.domain import Invalid

BARCODE = r"^([0-9]{8}|[0-9]{12}|[0-9]{13}|[0-9]{14})$"
BARCODE_LENGTH = 14


class BarcodeRefused(Invalid):
    """The barcode is no GTIN: it has another length, or its check digit does not fit."""


def barcode(text: str, *, field: str) -> str:
    """Return a GTIN-8, -12, -13 or -14 (GS1 General Specifications, section 7.9)."""
    if re.fullmatch(BARCODE, text) is None:
        raise BarcodeRefused("needs 8, 12, 13 or 14 digits", field=field)
    if _check_digit(text[:-1]) != int(text[-1]):
        raise BarcodeRefused("its last digit does not fit the others", field=field)
    return text


def _check_digit(digits: str) -> int:
    """Weigh 3, 1, 3 ... from the right; the digit fills the sum up to a multiple of ten."""
    weighed = sum(
        int(digit) * (1 if index % 2 else 3) for index, digit in enumerate(reversed(digits))
    )
    return -weighed % 10
