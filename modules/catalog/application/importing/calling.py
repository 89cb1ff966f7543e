"""Slugs that the rows of a file choose: each is one product's in its language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from modules.catalog.domain.product import SlugTaken
from modules.catalog.ports import OWN, Slug


@dataclass(slots=True)
class Slugs:
    """Who has which slug, as far as the rows at hand ask for it.

    recent  chosen by the rows before these, which may not be stored yet
    """

    stored: Mapping[Slug, UUID] = field(default_factory=dict[Slug, UUID])
    recent: Mapping[Slug, UUID] = field(default_factory=dict[Slug, UUID])
    chosen: dict[Slug, UUID] = field(default_factory=dict[Slug, UUID])

    def turn(self, stored: Mapping[Slug, UUID]) -> None:
        """Go on to the next rows, for whose slugs the store answered this."""
        self.stored, self.recent, self.chosen = stored, self.chosen, {}

    def take(self, slugs: Collection[Slug], product_id: UUID) -> None:
        """Have them be a product's. Raises SlugTaken for what another product has."""
        for one in slugs:
            for known in (self.stored, self.recent, self.chosen):
                if known.get(one, product_id) != product_id:
                    raise SlugTaken("another product has this slug", field=_pointer(one[0]))
        self.chosen.update(dict.fromkeys(slugs, product_id))


def _pointer(locale: str) -> str:
    return "/slug" if locale == OWN else f"/translations/{locale}/slug"
