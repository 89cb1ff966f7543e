"""Domain names that pose as others: letters of several scripts, or all alike to Latin ones.

The rules are those browsers show names by (Unicode TS 39, "highly restrictive"; Chromium's
policy for internationalised names), as far as character names tell scripts apart.
"""

from __future__ import annotations

import unicodedata

TOGETHER = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA"},  # Japanese
    {"LATIN", "CJK", "BOPOMOFO"},  # Chinese
    {"LATIN", "CJK", "HANGUL"},  # Korean
)
"""Scripts that one word may be written in."""

LIKE_LATIN = frozenset("асԁеһіјӏорԛѕԝхуъьҽпгѵѡαικνορτυχωγηεс")
"""Letters of other scripts that look like Latin ones: a name of nothing else poses as another."""


def poses_as_another(domain: str) -> bool:
    """Say whether some label of a domain, in Unicode, may be meant to be read as another."""
    return any(_is_suspicious(label) for label in domain.split("."))


def _is_suspicious(label: str) -> bool:
    letters = [one for one in label if unicodedata.category(one)[0] in "LM"]
    foreign = [one for one in letters if not one.isascii()]
    if not foreign:
        return False
    scripts = {_script(one) for one in letters} - {"COMBINING"}
    mixed = len(scripts) > 1 and not any(scripts <= allowed for allowed in TOGETHER)
    return mixed or all(one in LIKE_LATIN for one in letters)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "UNNAMED").split()[0].partition("-")[0]
