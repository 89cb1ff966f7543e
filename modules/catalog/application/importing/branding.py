"""The brands that the products of a file name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from modules.catalog.application.importing.rights import Rights
from modules.catalog.domain.brand import Brand
from modules.catalog.domain.slugs import told_apart
from modules.catalog.ports import CatalogUnitOfWork
from shared_kernel.domain import Invalid

MOST_BRANDS = 50_000


class TooManyBrands(Invalid):
    """A file names more brands than can be held in memory."""


@dataclass(slots=True)
class Brands:
    """The brands a file has named so far, by what it calls them: a name, or a slug."""

    tx: CatalogUnitOfWork
    rights: Rights
    at: datetime
    known: dict[str, UUID] = field(default_factory=dict[str, UUID])

    async def look_up(self, named: Collection[str]) -> None:
        """Know these brands; make those that are missing, where that is allowed."""
        unknown = [one for one in named if one not in self.known]
        if not unknown:
            return
        self.known.update(await self.tx.brands.named(unknown))
        missing = {one.lower(): one for one in unknown if one not in self.known}
        if missing and self.rights.brand:
            await self._make([*missing.values()])
            self.known.update(await self.tx.brands.named(unknown))
        if len(self.known) > MOST_BRANDS:
            raise TooManyBrands(f"more than {MOST_BRANDS} brands in one file")

    def of(self, text: str) -> UUID:
        """Return the brand that is called so. Raises PermissionDenied where there is none."""
        if text not in self.known:
            raise self.rights.no_brand()
        return self.known[text]

    async def _make(self, names: Collection[str]) -> None:
        """Make brands of these names, each with a slug that no other brand has."""
        made = [Brand.create(name=one, slug=None, description="", at=self.at) for one in names]
        taken = {*await self.tx.brands.named([brand.slug for brand in made])}
        for brand in made:
            if brand.slug in taken:
                brand.slug = told_apart(brand.slug, brand.id)
            taken.add(brand.slug)
            self.tx.brands.add(brand)
        await self.tx.flush()
