"""What a product is called, and how it is described, in other languages than the shop's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from modules.catalog.domain.slugs import slug as chosen
from modules.catalog.domain.slugs import slug_of
from modules.catalog.domain.text import line, prose
from shared_kernel.domain import Conflict, Invalid, NotFound

# A language, and where it matters a script, and a country or a region (RFC 5646).
LOCALE = r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$"
LOCALE_LENGTH = 12
MOST_TRANSLATIONS = 50

Words = Mapping[str, str]
"""`name`, `slug` and `description` in one language."""


class LocaleRefused(Invalid):
    """This is no locale, or it is that of the product itself."""


class NotTranslated(NotFound):
    """The product is not translated into this language."""


class TooManyTranslations(Conflict):
    """The product is translated into as many languages as it can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A product in another language. A slug of None stays, or is made of the name."""

    name: str
    description: str
    slug: str | None = None

    def worded(self, before: Words | None, code: str) -> Words:
        """Return it as it is kept, its texts trimmed and checked. Raises Invalid."""
        name = line(self.name, field="/name")
        slug = before["slug"] if before else slug_of(name, code)
        return {
            "name": name,
            "slug": slug if self.slug is None else chosen(self.slug),
            "description": prose(self.description, field="/description"),
        }


def locale(text: str, *, own: str) -> str:
    """Return a locale to translate into, of a shop whose `own` language is another one."""
    if re.fullmatch(LOCALE, text) is None:
        raise LocaleRefused("is no locale such as de or pt-BR", field="/locale")
    if text == own:
        raise LocaleRefused("is the language of the product itself", field="/locale")
    return text
