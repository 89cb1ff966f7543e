"""Names and remarks that people give to their things."""

from __future__ import annotations

from unicodedata import bidirectional, category

from shared_kernel.domain import Invalid

# Letters of right-to-left scripts need none of these; what follows one is read in another order.
TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
INVISIBLE = frozenset({"Cf", "Zs"})


class LabelRefused(Invalid):
    """A name is empty, too long, or holds what is no text."""


def label(text: str, *, most: int, field: str) -> str:
    """Return a name: one line of 1 to `most` characters, without spaces around it."""
    trimmed = remark(text, most=most, field=field)
    if "\n" in trimmed or all(category(one) in INVISIBLE for one in trimmed):
        raise LabelRefused("is one line of at least one character", field=field)
    return trimmed


def remark(text: str, *, most: int, field: str) -> str:
    """Return a text of at most `most` characters, which may be empty and have several lines."""
    trimmed = text.strip().replace("\r\n", "\n")
    if len(trimmed) > most:
        raise LabelRefused(f"has more than {most} characters", field=field)
    if any(_is_control(one) for one in trimmed):
        raise LabelRefused("holds a control character", field=field)
    return trimmed


def _is_control(one: str) -> bool:
    breaks = category(one) in {"Cc", "Cs", "Zl", "Zp"} and one != "\n"
    return breaks or bidirectional(one) in TURNING
