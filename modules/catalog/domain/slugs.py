"""Slugs: names of things in addresses, made to be read by people and search engines."""

from __future__ import annotations

import re
from unicodedata import combining, normalize
from uuid import UUID

from shared_kernel.domain import Invalid

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
SLUG_LENGTH = 100

# What addresses of the catalogue, and of shops in front of it, say already, or what programs write
# where they have nothing to say.
_RESERVED = """
    about account admin api archive batch brand brands by-slug cart categories category checkout
    create delete docs edit export exports facets false feed health history import imports index
    login logout me media new none null operations page product products publish purge register
    restore search settings shop sitemap static stock suggestions tag tags translations trash tree
    true undefined update v1 v2 variants
"""
RESERVED = frozenset(_RESERVED.split())

# Letters that do not come apart into one of a to z and an accent.
LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d",
                         "þ": "th", "\N{LATIN SMALL LETTER DOTLESS I}": "i"})  # fmt: skip

ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}")
NO_LETTERS = re.compile("[^a-z0-9]+")
WHOLE_SLUG = re.compile(SLUG)
TAIL = 12


class SlugRefused(Invalid):
    """The slug is reserved, could be taken for an id, or is no lower-case words and hyphens."""


def slug(text: str, *, field: str = "/slug") -> str:
    """Return a slug somebody chose: words of a-z and 0-9 joined by hyphens, 100 at most."""
    if len(text) > SLUG_LENGTH or WHOLE_SLUG.fullmatch(text) is None:
        raise SlugRefused("needs words of a-z and 0-9 joined by hyphens, 100 at most", field=field)
    if text in RESERVED or ID.fullmatch(text):
        raise SlugRefused("is reserved; choose another one", field=field)
    return text


def slug_of(name: str, code: str, *, kind: str = "product") -> str:
    """Return the slug of a name; of the code where the name has no letter of it, or with it.

    The code has a letter or a digit: an article code, or a part of an id.
    """
    made = _slugged(name)
    if made and made not in RESERVED and not ID.fullmatch(made):
        return made
    return _cut(f"{made}-{_slugged(code)}".strip("-") if made else f"{kind}-{_slugged(code)}")


def told_apart(slug: str, id: UUID) -> str:
    """Return the slug with a part of an id, which nothing else of the name has."""
    return f"{slug[: SLUG_LENGTH - TAIL - 1].strip('-')}-{id.hex[-TAIL:]}"


def _slugged(text: str) -> str:
    letters = text.lower()
    if not letters.isascii():
        plain = normalize("NFKD", letters.translate(LETTERS))
        letters = "".join(one for one in plain if not combining(one))
    return _cut(NO_LETTERS.sub("-", letters).strip("-"))


def _cut(slug: str) -> str:
    return slug[:SLUG_LENGTH].strip("-")
