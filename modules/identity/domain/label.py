"""Names and remarks that people give to their things."""

from __future__ import annotations

from unicodedata import category

from shared_kernel.domain import Invalid


class LabelRefused(Invalid):
    """A name is empty, too long, or holds what is no text."""


def label(text: str, *, most: int, field: str) -> str:
    """Return a name: one line of 1 to `most` characters, without spaces around it."""
    trimmed = remark(text, most=most, field=field)
    if not trimmed or "\n" in trimmed:
        raise LabelRefused("is one line of at least one character", field=field)
    return trimmed


def remark(text: str, *, most: int, field: str) -> str:
    """Return a text of at most `most` characters, which may be empty and have several lines."""
    trimmed = text.strip().replace("\r\n", "\n")
    if len(trimmed) > most:
        raise LabelRefused(f"has more than {most} characters", field=field)
    if any(category(one) in {"Cc", "Cs"} and one != "\n" for one in trimmed):
        raise LabelRefused("holds a control character", field=field)
    return trimmed
