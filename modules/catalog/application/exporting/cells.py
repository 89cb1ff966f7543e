"""Texts in cells of a spreadsheet, which must not take them for formulas (OWASP, CSV injection)."""

from __future__ import annotations

import re

FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def defused(text: str) -> str:
    """Return the text with a `'` in front if it begins like a formula, or like one defused."""
    return f"'{text}" if FORMULA.match(text) else text


def as_meant(cell: str) -> str:
    """Return the text that was defused; any other as it is."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell, 1) else cell
