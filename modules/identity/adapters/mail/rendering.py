"""Templates become text: one source per mail and language, one layout per format.

A source says what the mail says, in paragraphs; the layouts make plain text or HTML of it. The two
can therefore not tell different things. User-given text is a value and never a template.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent / "templates"
WIDTH = 72
LONGEST_VALUE = 500
EMPTY_LINE = re.compile(r"\n\s*\n")
UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
PARAGRAPH = Markup('<p style="margin:0 0 16px">{}</p>')


class Layout(StrEnum):
    """What a mail is made of."""

    SUBJECT = "layout.subject"
    TEXT = "layout.txt"
    HTML = "layout.html"


def environment(*, html: bool) -> Environment:
    """Return what renders text, or HTML. A value that is missing is an error."""
    from jinja2 import (  # noqa: PLC0415 - the processes that mail are few
        Environment,
        FileSystemLoader,
        StrictUndefined,
    )

    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=html,  # noqa: S701 - on for HTML; in plain text there is nothing to escape
        undefined=StrictUndefined,
        auto_reload=False,
    )
    made.filters["moment"] = moment
    made.filters["paragraphs"] = html_paragraphs if html else text_paragraphs
    return made


def languages() -> frozenset[str]:
    """Return the languages there is a folder of templates for."""
    return frozenset(one.name for one in FOLDER.iterdir() if one.is_dir())


def printable(value: str) -> str:
    """Return a value as one line without what cannot be printed.

    Not refused: somebody could otherwise keep a warning from being sent by the name they choose.
    """
    kept = "".join(" " if unicodedata.category(one) in UNPRINTABLE else one for one in value)
    line = " ".join(kept.split())
    return line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 1] + "…"


def moment(value: str) -> str:
    """Return an ISO 8601 moment as anybody reads it, whatever their language."""
    return f"{datetime.fromisoformat(value).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def text_paragraphs(source: str) -> str:
    """Return paragraphs of plain text, each followed by an empty line."""
    return "".join(f"{_filled(one)}\n\n" for one in _paragraphs(source))


def html_paragraphs(source: Markup) -> Markup:
    """Return paragraphs of HTML. What is given is escaped already."""
    return Markup("\n").join(PARAGRAPH.format(Markup(one)) for one in _paragraphs(source))  # noqa: S704


def values_of(given: Mapping[str, str]) -> dict[str, str]:
    """Return the values in a form that can neither break a line nor hide anything."""
    return {name: printable(value) for name, value in given.items()}


def _paragraphs(source: str) -> list[str]:
    return [" ".join(one.split()) for one in EMPTY_LINE.split(source) if one.strip()]


def _filled(paragraph: str) -> str:
    return textwrap.fill(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False)
