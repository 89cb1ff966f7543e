"""Products and brands in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from modules.catalog.application.guarding import facts_of_product
from modules.catalog.domain.brand import Brand, BrandInUse, BrandNameTaken, NoSuchBrand
from modules.catalog.domain.product import (
    OVER,
    BrandUnknown,
    NoSuchProduct,
    Product,
    SkuTaken,
    SlugTaken,
)
from modules.catalog.domain.product.history import Entry, entry_of, snapshot
from modules.catalog.ports import Taken
from modules.catalog.public import ProductChanged
from shared_kernel.application.conditions import TRUE, Condition, reduced
from shared_kernel.domain import AccountId
from tests.kit.catalog_rows import FakeRows


class FakeProducts(FakeRows[Product]):
    def __init__(self, stored: Mapping[UUID, Product]) -> None:
        super().__init__(stored)
        self._said = {id: snapshot(one) for id, one in stored.items()}

    def entries(self) -> list[Entry]:
        """Return what became of them, once they have their new versions."""
        told = [
            entry_of(one, self._said.get(one.id), version=one.version) for one in self.rows.values()
        ]
        return [one for one in told if one is not None]

    async def get_locked(self, id: UUID, *, even_deleted: bool = False) -> Product:
        found = self.rows.get(id)
        if found is None or (found.deleted_at and not even_deleted):
            raise NoSuchProduct("there is no such product")
        return found

    async def deleted_before(self, moment: datetime, *, limit: int) -> Sequence[Product]:
        return [one for one in self.rows.values() if one.deleted_at and one.deleted_at < moment][
            :limit
        ]

    def live(self) -> list[Product]:
        """Return those that do not lie in the trash."""
        return [one for one in self.rows.values() if one.deleted_at is None]

    async def living_of(self, owner_id: AccountId, *, limit: int) -> Sequence[Product]:
        mine = (one for one in self.rows.values() if one.owner_id == owner_id)
        return [one for one in mine if one.status not in OVER][:limit]

    async def owned_by(self, owner_id: AccountId, *, limit: int) -> Sequence[Product]:
        return [one for one in self.rows.values() if one.owner_id == owner_id][:limit]

    async def hold_all_in(self, category_ids: Collection[UUID], *, limit: int) -> int:
        return len(self._in(category_ids)[:limit])

    async def move_all_in(
        self,
        category_ids: Collection[UUID],
        *,
        to: UUID,
        at: datetime,
        where: Sequence[Condition],
    ) -> int | None:
        found = self._in(category_ids)
        for one in found:
            if any(reduced(each, facts_of_product(one)) != TRUE for each in where):
                return None
            one.category_id = to
            one.record(ProductChanged(subject_id=one.id, members=("category_id",), occurred_at=at))
        return len(found)

    def _in(self, category_ids: Collection[UUID]) -> list[Product]:
        return [one for one in self.rows.values() if one.category_id in category_ids]

    def check(self, brand_ids: Collection[UUID]) -> None:
        """Refuse what the database would refuse."""
        live = self.live()
        if len({one.sku for one in live}) < len(live):
            raise SkuTaken("another product has this SKU", field="/sku")
        if len({one.slug for one in live}) < len(live):
            raise SlugTaken("another product has this slug", field="/slug")
        if not {one.brand_id for one in self.rows.values()} <= {None, *brand_ids}:
            raise BrandUnknown("there is no such brand", field="/brand_id")


class FakeClaims:
    """What is taken, of the products and brands of a transaction."""

    def __init__(self, products: FakeProducts, brands: FakeBrands) -> None:
        self._products, self._brands = products, brands

    async def taken(
        self, *, skus: Collection[str], slugs: Collection[str], brand_ids: Collection[UUID]
    ) -> Taken:
        live = self._products.live()
        return Taken(
            {one.sku for one in live} & {*skus},
            {one.slug for one in live} & {*slugs},
            {*self._brands.rows} & {*brand_ids},
        )


class FakeBrands(FakeRows[Brand]):
    def __init__(self, stored: Mapping[UUID, Brand], products: FakeProducts) -> None:
        super().__init__(stored)
        self._products = products

    async def get_locked(self, id: UUID) -> Brand:
        if id not in self.rows:
            raise NoSuchBrand("there is no such brand")
        return self.rows[id]

    async def named(self, texts: Collection[str]) -> Mapping[str, UUID]:
        by_slug = {one.slug: one.id for one in self.rows.values()}
        by_name = {one.name.lower(): one.id for one in self.rows.values()}
        found = {text: by_name.get(text.lower(), by_slug.get(text)) for text in texts}
        return {text: id for text, id in found.items() if id is not None}

    async def remove(self, aggregate: Brand) -> None:
        of_it = [one for one in self._products.rows.values() if one.brand_id == aggregate.id]
        if any(one.deleted_at is None for one in of_it):
            raise BrandInUse("there are products of the brand")
        for one in of_it:
            one.brand_id = None
        await super().remove(aggregate)

    def check(self) -> None:
        """Refuse what the database would refuse."""
        brands = self.rows.values()
        if len({one.name.lower() for one in brands}) < len(brands):
            raise BrandNameTaken("another brand has this name", field="/name")
        if len({one.slug for one in brands}) < len(brands):
            raise SlugTaken("another brand has this slug", field="/slug")
