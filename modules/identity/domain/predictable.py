"""What a guesser tries first: repetitions, sequences, common passwords and two of them in a row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Protocol

LONGEST = 128  # characters of the longest password; the checks take a millisecond for it

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
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
)
STUTTER = re.compile(r"(.)\1+", re.DOTALL)
LOOKALIKES = str.maketrans("0134579@$!", "oieastg" + "asi")
SHORTEST_PIECE = 4
LONGEST_PIECE = 36  # the longest entry of the list has 35
SHORTEST_RUN = 3  # letters; one or two in a row are no sequence yet
MOST_WORDS = 2
LONGEST_UNIT = 12  # a longer one is a passphrase already
YEARS_DATE_OR_FEW_DIGITS = re.compile(
    r"((19|20)\d\d)+|\d{1,4}|(19|20)?\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])"
)
LAST_DIGITS = re.compile(r"\d{1,4}$")
WORD_OR_NUMBER = re.compile(r"[^\W\d_]+|\d+")


def _walks() -> dict[str, set[str]]:
    """Return the walks around each ring by each two characters that follow one another there.

    Hardly any text begins with such two, so that hardly any has to be looked for.
    """
    walks: dict[str, set[str]] = {}
    for ring in RINGS:
        for turn in (ring, ring[::-1]):
            walk = turn * (LONGEST // len(ring) + 2)
            for start in range(len(ring)):
                walks.setdefault(walk[start : start + 2], set()).add(walk)
    return walks


WALKS = _walks()


class CommonPasswords(Protocol):
    """The passwords that many people have: lower case, without accents, spaces and signs."""

    def __contains__(self, text: object, /) -> bool: ...


def fold(text: str) -> str:
    """Return the text without case, accents and the width of letters, for comparison only."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(one for one in apart if not unicodedata.combining(one))


def letters_and_digits(folded: str) -> str:
    """Return the text without spaces and signs."""
    return "".join(one for one in folded if one.isalnum())


def readings(folded: str) -> set[str]:
    """Return what the text says, also when some of its letters are written as digits or signs."""
    return {letters_and_digits(folded), letters_and_digits(folded.translate(LOOKALIKES))}


def is_repetition(text: str) -> bool:
    """Say whether the text is one unit over and over, the last one perhaps cut short."""
    longest = min(len(text) // 2, LONGEST_UNIT)
    return text[:1] in text[1 : longest + 1] and any(
        text.startswith(text[size:]) for size in range(1, longest + 1)
    )


def is_sequence(text: str) -> bool:
    """Say whether the text runs along the alphabet, the digits or rows of the keyboard.

    It does so too when each character is repeated: 111222333, aabbccdd.
    """
    folded = text.casefold()
    stutters = len(folded) > 1 and folded[0] == folded[1]
    return _is_walk(STUTTER.sub(r"\1", folded) if stutters else folded)


def is_common(text: str, common: CommonPasswords) -> bool:
    """Say whether the text is a common password, or two pieces each of which is or is trivial.

    Case, accents, signs and letters written as digits hide nothing: every guesser knows them.
    Numbers between two words do not make them more.
    """
    folded = fold(text)
    if _is_two_words_and_numbers(folded, common):
        return True
    return any(
        _is_made_of_pieces(one, common)
        for one in _forms(folded)
        if SHORTEST_PIECE <= len(one) <= LONGEST
    )


def _forms(folded: str) -> Iterator[str]:
    yield from readings(folded)
    yield LAST_DIGITS.sub("", letters_and_digits(folded))


def _is_two_words_and_numbers(folded: str, common: CommonPasswords) -> bool:
    runs = set(WORD_OR_NUMBER.findall(folded))
    words = [run for run in runs if not _is_trivial_run(run)]
    return (
        bool(runs) and len(words) <= MOST_WORDS and all(_is_entry(word, common) for word in words)
    )


def _is_trivial_run(run: str) -> bool:
    return (run.isdigit() or len(run) >= SHORTEST_RUN) and _is_trivial(run)


def _is_made_of_pieces(text: str, common: CommonPasswords) -> bool:
    return _is_entry(text, common) or any(
        _is_piece(text[:cut], common) and _is_piece(text[cut:], common)
        for cut in range(1, len(text))
    )


def _is_piece(text: str, common: CommonPasswords) -> bool:
    return _is_trivial(text) or _is_entry(text, common)


def _is_entry(text: str, common: CommonPasswords) -> bool:
    return SHORTEST_PIECE <= len(text) <= LONGEST_PIECE and text in common


def _is_trivial(text: str) -> bool:
    return (
        YEARS_DATE_OR_FEW_DIGITS.fullmatch(text) is not None
        or is_repetition(text)
        or is_sequence(text)
    )


def _is_walk(text: str) -> bool:
    return len(text) == 1 or any(text in walk for walk in WALKS.get(text[:2], ()))
