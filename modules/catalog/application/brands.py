"""What can be done with brands, and what is shown of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Protocol
from uuid import UUID

from annotated_types import Len, MaxLen

from modules.catalog.domain.brand import Brand
from modules.catalog.domain.slugs import SLUG, SLUG_LENGTH
from modules.catalog.domain.text import DESCRIPTION_LENGTH, NAME_LENGTH
from modules.catalog.ports import Transaction
from shared_kernel.application import (
    ABSENT,
    Absent,
    Caller,
    Clock,
    Command,
    Matches,
    Page,
    Slice,
    given,
)

Name = Annotated[str, Len(1, NAME_LENGTH)]
Slug = Annotated[str, Matches(SLUG), MaxLen(SLUG_LENGTH)]
Description = Annotated[str, MaxLen(DESCRIPTION_LENGTH)]


class CreateBrand(Command):
    """A new brand. Without a slug it gets one that is made of its name."""

    name: Name
    slug: Slug | None = None
    description: Description = ""


class ChangeBrand(Command):
    """New values for some members (JSON Merge Patch, RFC 7386): what is not sent stays."""

    name: Name | Absent = ABSENT
    slug: Slug | Absent = ABSENT
    description: Description | Absent = ABSENT


@dataclass(frozen=True, slots=True)
class BrandView:
    """A brand. `slug` names it in addresses."""

    id: UUID
    name: str
    slug: str
    description: str
    created_at: datetime
    version: int


class BrandSort(StrEnum):
    """Orders of a list of brands."""

    NAME = "name"
    NAME_DOWN = "-name"


class BrandQueries(Protocol):
    """Reads brands. Everyone may see them."""

    async def brand(self, brand_id: UUID) -> BrandView:
        """Return a brand. Raises NoSuchBrand."""
        ...

    async def brands(self, slug: str | None, sort: BrandSort, part: Slice) -> Page[BrandView]:
        """Return brands; the one of a slug, where one is named."""
        ...


@dataclass(frozen=True, slots=True)
class BrandService:
    """The upkeep of the brands."""

    begin: Transaction
    clock: Clock

    async def create(self, caller: Caller, command: CreateBrand) -> UUID:
        """Make a brand. Raises BrandNameTaken, SlugTaken."""
        brand = Brand.create(
            name=command.name,
            slug=command.slug,
            description=command.description,
            at=self.clock.now(),
        )
        async with self.begin() as tx:
            tx.brands.add(brand)
        return brand.id

    async def change(
        self, caller: Caller, brand_id: UUID, command: ChangeBrand, *, expected: int
    ) -> None:
        """Give a brand new values. Raises Stale unless it is at the version expected."""
        async with self.begin() as tx:
            brand = await tx.brands.get_locked(brand_id)
            brand.must_be_at(expected)
            brand.change(
                name=given(command.name, brand.name),
                slug=given(command.slug, brand.slug),
                description=given(command.description, brand.description),
                at=self.clock.now(),
            )

    async def delete(self, caller: Caller, brand_id: UUID, *, expected: int) -> None:
        """Delete a brand that stands on no product. Raises BrandInUse, Stale."""
        async with self.begin() as tx:
            brand = await tx.brands.get_locked(brand_id)
            brand.must_be_at(expected)
            brand.delete(at=self.clock.now())
            await tx.brands.remove(brand)
