"""Which passwords are common: the frequency lists of the package zxcvbn, and well-known phrases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

PHRASES = Path(__file__).with_name("phrases.txt")
SHORTEST, SHORTEST_WORD = 4, 8


def entries() -> Iterator[str]:
    """Return every entry: passwords and names whole, words of the language from eight letters."""
    for name, words in FREQUENCY_LISTS.items():
        shortest = SHORTEST_WORD if name in {"english_wikipedia", "us_tv_and_film"} else SHORTEST
        for word in words:
            plain = _plain(word)
            if len(plain) >= shortest:
                yield plain
    for line in PHRASES.read_text("utf-8").splitlines():
        yield _plain(line)


def _plain(text: str) -> str:
    """Return the text as passwords are compared: lower case, letters and digits."""
    return "".join(one for one in text.casefold() if one.isalnum())
