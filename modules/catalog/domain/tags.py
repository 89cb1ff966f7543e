"""Tags: words people put on products to find them by."""

from __future__ import annotations

from collections.abc import Iterable

from modules.catalog.domain.text import line
from shared_kernel.domain import Invalid

TAG = r"^[^,\u0000-\u001f\u007f]+$"
TAG_LENGTH = 50
MOST_TAGS = 50


class TagRefused(Invalid):
    """A tag is too long or holds a comma, or there are too many."""


def tag(text: str, *, field: str) -> str:
    """Return a tag as it is kept and compared: in lower case, without spaces around it."""
    folded = line(text, field=field).lower()
    if len(folded) > TAG_LENGTH or "," in folded:
        raise TagRefused(f"needs at most {TAG_LENGTH} characters and no comma", field=field)
    return folded


def tags(texts: Iterable[str]) -> list[str]:
    """Return tags in order, each of them once."""
    kept = {tag(text, field=f"/tags/{index}") for index, text in enumerate(texts)}
    if len(kept) > MOST_TAGS:
        raise TagRefused(f"are more than {MOST_TAGS}", field="/tags")
    return sorted(kept)
