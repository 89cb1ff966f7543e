"""What a guesser tries first: repetitions, sequences, common passwords and two of them in a row."""

from __future__ import annotations

import re
from typing import Protocol

# Read along a row of the keyboard, around a ring or backwards, it is still one idea.
RINGS = (
    "0123456789",
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
)
LOOKALIKES = str.maketrans("0134579@$!", "oieastg" + "asi")
SHORTEST_PIECE = 4
LONGEST_UNIT = 12  # a longer one is a passphrase already
YEAR_OR_FEW_DIGITS = re.compile(r"(19|20)\d\d|\d{1,4}|(19|20)?\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])")
LAST_DIGITS = re.compile(r"\d{1,4}$")


class CommonPasswords(Protocol):
    """The passwords that many people have: lower case, without spaces and signs."""

    def __contains__(self, text: object, /) -> bool: ...


def is_repetition(text: str) -> bool:
    """Say whether the text is one unit over and over, the last one perhaps cut short."""
    longest = min(len(text) // 2, LONGEST_UNIT)
    return any(text[size:] == text[:-size] for size in range(1, longest + 1))


def is_sequence(text: str) -> bool:
    """Say whether the text runs along the alphabet, the digits or a row of the keyboard."""
    folded = text.casefold()
    return any(
        folded in (ring * (len(folded) // len(ring) + 2))[::step]
        for ring in RINGS
        for step in (1, -1)
    )


def is_common(text: str, common: CommonPasswords) -> bool:
    """Say whether the text is a common password, or two pieces each of which is or is trivial.

    Case, spaces, signs and letters written as digits hide nothing: every guesser knows them.
    """
    plain = "".join(one for one in text.casefold() if one.isalnum())
    written = "".join(one for one in text.casefold().translate(LOOKALIKES) if one.isalnum())
    return any(
        _is_made_of_pieces(one, common)
        for one in {plain, written, LAST_DIGITS.sub("", plain)}
        if len(one) >= SHORTEST_PIECE
    )


def _is_made_of_pieces(text: str, common: CommonPasswords) -> bool:
    if text in common:
        return True
    cuts = range(SHORTEST_PIECE, len(text))
    return any(
        _is_piece(text[:cut], common) and _is_piece(text[cut:], common) for cut in cuts
    ) or any(_is_trivial(text[:cut]) and text[cut:] in common for cut in range(1, SHORTEST_PIECE))


def _is_piece(text: str, common: CommonPasswords) -> bool:
    return _is_trivial(text) or (len(text) >= SHORTEST_PIECE and text in common)


def _is_trivial(text: str) -> bool:
    return (
        YEAR_OR_FEW_DIGITS.fullmatch(text) is not None or is_repetition(text) or is_sequence(text)
    )
