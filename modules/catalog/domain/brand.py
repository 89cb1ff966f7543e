"""Brands: whose name stands on products."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from modules.catalog.domain.slugs import slug as chosen
from modules.catalog.domain.slugs import slug_of
from modules.catalog.domain.text import line, prose
from modules.catalog.public import BrandChanged, BrandCreated, BrandDeleted
from shared_kernel.domain import Aggregate, Conflict, NotFound, new_id


class NoSuchBrand(NotFound):
    """There is no brand of this id."""


class BrandNameTaken(Conflict):
    """Another brand has this name, in whatever case."""


class BrandInUse(Conflict):
    """A brand that stands on products cannot be deleted."""


@dataclass(eq=False, kw_only=True)
class Brand(Aggregate):
    """A brand. Its name is its own, whatever case it is written in, and so is its slug."""

    name: str
    slug: str
    description: str
    created_at: datetime

    @classmethod
    def create(cls, *, name: str, slug: str | None, description: str, at: datetime) -> Brand:
        """Return a new brand. A slug of None is made of the name."""
        id, tidy = new_id(), line(name, field="/name")
        brand = cls(
            id=id,
            name=tidy,
            slug=slug_of(tidy, id.hex[-12:]) if slug is None else chosen(slug),
            description=prose(description, field="/description"),
            created_at=at,
        )
        brand.record(BrandCreated(subject_id=id, name=brand.name, occurred_at=at))
        return brand

    def change(self, *, name: str, slug: str, description: str, at: datetime) -> bool:
        """Take new values; return whether any is new. What stays the same is no event."""
        new = {
            "name": line(name, field="/name"),
            "slug": chosen(slug),
            "description": prose(description, field="/description"),
        }
        changed = {member: value for member, value in new.items() if value != getattr(self, member)}
        for member, value in changed.items():
            setattr(self, member, value)
        if changed:
            self.record(BrandChanged(subject_id=self.id, members=(*changed,), occurred_at=at))
        return bool(changed)

    def delete(self, *, at: datetime) -> None:
        """Say that it goes. That it stands on no product is the store's to ensure."""
        self.record(BrandDeleted(subject_id=self.id, occurred_at=at))
