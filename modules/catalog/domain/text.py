"""Text as people type it, made fit to keep."""

from __future__ import annotations

import re

from shared_kernel.domain import Invalid

# Codes are used in addresses, files and lists separated by commas.
CODE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
CODE_LENGTH = 64
NAME_LENGTH = 200
DESCRIPTION_LENGTH = 10_000

WHOLE_CODE = re.compile(CODE)

# Control characters (Cc) but line breaks and tabs, and halves of surrogate pairs (Cs). As one
# expression, because millions of texts are looked through in an import.
NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class TextRefused(Invalid):
    """A text is empty, too long, or holds what is no text."""


def code(text: str, *, field: str) -> str:
    """Return a code: 1 to 64 letters, digits, dots, underscores and hyphens."""
    trimmed = text.strip()
    if WHOLE_CODE.fullmatch(trimmed) is None:
        raise TextRefused(
            "needs 1 to 64 letters, digits, dots, underscores or hyphens", field=field
        )
    return trimmed


def line(text: str, *, field: str) -> str:
    """Return a name: one line of 1 to 200 characters, without spaces around it."""
    trimmed = _fitting(text.strip(), NAME_LENGTH, field)
    if not trimmed:
        raise TextRefused("needs at least one character", field=field)
    if "\n" in trimmed or "\t" in trimmed:
        raise TextRefused("is one line", field=field)
    return trimmed


def prose(text: str, *, field: str) -> str:
    """Return a text of at most 10,000 characters, line breaks and tabs included."""
    return _fitting(text.strip().replace("\r\n", "\n"), DESCRIPTION_LENGTH, field)


def _fitting(text: str, length: int, field: str) -> str:
    if len(text) > length:
        raise TextRefused(f"has more than {length} characters", field=field)
    if NO_TEXT.search(text) is not None:
        raise TextRefused("holds a control character or half a surrogate pair", field=field)
    return text
