"""Brands in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy import bindparam, select, text, update

from modules.catalog.adapters.sql.tables import brands, mapper, not_in_trash, products
from modules.catalog.application.brands import BrandSort, BrandView
from modules.catalog.domain.brand import Brand, BrandInUse, BrandNameTaken, NoSuchBrand
from modules.catalog.domain.product import SlugTaken
from shared_kernel.adapters.sql import Constraints, Database, Listing, Query, SqlRepository
from shared_kernel.application import Page, Slice
from shared_kernel.domain import NotFound

b, p = brands.c, products.c

CONSTRAINTS: Constraints = {
    "uq_brands_lower_name": BrandNameTaken("another brand has this name", field="/name"),
    "uq_brands_slug": SlugTaken("another brand has this slug", field="/slug"),
}

mapper.map_imperatively(Brand, brands, version_id_col=b.version)

SHOWN = select(b.id, b.name, b.slug, b.description, b.created_at, b.version)

ONE = Query(SHOWN.where(b.id == bindparam("id")), BrandView)

LIST = Listing(
    SHOWN,
    BrandView,
    id=b.id,
    filters={"slug": b.slug == bindparam("slug")},
    sorts={"name": b.name},
)


# Names last: what is called so comes before what has it as its slug.
NAMED = text("""
    select said.text, b.id from unnest(cast(:texts as text[])) as said (text)
    join catalog.brands b on lower(b.name) = lower(said.text) or b.slug = said.text
    order by lower(b.name) = lower(said.text), b.id
    for key share of b
""")


class SqlBrands(SqlRepository[Brand]):
    """Brands. Whoever puts one on a product holds it, as every foreign key does."""

    aggregate = Brand
    missing: ClassVar[type[NotFound]] = NoSuchBrand

    async def named(self, texts: Collection[str]) -> Mapping[str, UUID]:
        found = await self._session.execute(NAMED, {"texts": [*texts]})
        return {row.text: row.id for row in found}

    async def remove(self, aggregate: Brand) -> None:
        of_it = p.brand_id == aggregate.id
        if await self._session.scalar(select(p.id).where(of_it, not_in_trash).limit(1)) is not None:
            raise BrandInUse("there are products of the brand")
        # What lies in the trash keeps nothing else: it is restored without a brand.
        await self._session.execute(update(products).where(of_it).values(brand_id=None))
        await super().remove(aggregate)


@dataclass(frozen=True, slots=True)
class SqlBrandQueries:
    """Reads brands on the read pool."""

    database: Database

    async def brand(self, brand_id: UUID) -> BrandView:
        view = await ONE.first(self.database.reads, id=brand_id)
        if view is None:
            raise NoSuchBrand("there is no such brand")
        return view

    async def brands(self, slug: str | None, sort: BrandSort, part: Slice) -> Page[BrandView]:
        return await LIST.page(self.database.reads, {"slug": slug}, sort, part)
