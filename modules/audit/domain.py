"""What an entry may hold, so that nothing a caller sends can keep it from being saved."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

ACTION_LENGTH = 200
ADDRESS_LENGTH = 64
REQUEST_ID_LENGTH = 128
FACT_NAME_LENGTH = 64
FACT_LENGTH = 500
FACT_COUNT = 32


def fitting(text: str, length: int) -> str:
    """Return the text without what PostgreSQL cannot hold, cut to `length` characters.

    NUL is dropped, a lone surrogate becomes `?`, a cut shows as an ellipsis.
    """
    clean = text.replace("\0", "").encode("utf-8", "replace").decode()
    return clean if len(clean) <= length else f"{clean[: length - 1]}\N{HORIZONTAL ELLIPSIS}"


def fitting_facts(detail: Mapping[str, str]) -> dict[str, str]:
    """Return the first 32 facts, names and values cut to what an entry may hold."""
    return {
        fitting(str(name), FACT_NAME_LENGTH): fitting(str(value), FACT_LENGTH)
        for name, value in islice(detail.items(), FACT_COUNT)
    }
