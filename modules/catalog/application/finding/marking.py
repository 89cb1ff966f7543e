"""Marks in a text what was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby

from modules.catalog.application.finding.queries import Fragment

BEGIN, END = "\ue000", "\ue001"
"""What the marked parts of a text stand between: two characters that mean nothing by themselves."""

ALIKE = 0.6
_WORD = re.compile(r"\w+|\W+")


def fragments_of(marked: str) -> list[Fragment]:
    """Return the pieces of a text whose marked parts stand between BEGIN and END."""
    found: list[Fragment] = []
    for index, piece in enumerate(re.split(f"[{BEGIN}{END}]", marked)):
        if piece:
            found.append(Fragment(piece, marked=index % 2 == 1))
    return found


def alike_in(text: str, asked: str) -> list[Fragment]:
    """Mark the words of a text that resemble one of those asked for."""
    words = [one.lower() for one in words_of(asked)]
    return _joined((one, any(_alike(one.lower(), word) for word in words)) for one in _pieces(text))


def begun_in(text: str, asked: str) -> list[Fragment]:
    """Mark where words of a text begin with one of those asked for, or the text with all."""
    whole = asked.strip()
    if whole and text.lower().startswith(whole.lower()):
        return _joined([(text[: len(whole)], True), (text[len(whole) :], False)])
    words = sorted((one.lower() for one in words_of(asked)), key=len, reverse=True)
    return _joined(part for one in _pieces(text) for part in _begun(one, words))


def words_of(text: str) -> list[str]:
    """Return the words of a text."""
    return re.findall(r"\w+", text)


def _pieces(text: str) -> Iterator[str]:
    return (one.group() for one in _WORD.finditer(text))


def _begun(piece: str, words: list[str]) -> Iterator[tuple[str, bool]]:
    length = next((len(word) for word in words if piece.lower().startswith(word)), 0)
    yield piece[:length], True
    yield piece[length:], False


def _alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= ALIKE


def _joined(parts: Iterator[tuple[str, bool]] | list[tuple[str, bool]]) -> list[Fragment]:
    there = (part for part in parts if part[0])
    return [
        Fragment("".join(text for text, _ in group), marked)
        for marked, group in groupby(there, key=lambda part: part[1])
    ]
