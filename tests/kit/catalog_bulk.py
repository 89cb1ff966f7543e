"""Products by the thousand, in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from modules.catalog.domain.product import Product
from modules.catalog.ports import OWN, Slug
from tests.kit.catalog_rows import copied


class FakeProductsInBulk:
    """Products by the thousand, on those of a transaction."""

    draft = staticmethod(Product.draft)

    def __init__(self, rows: dict[UUID, Product]) -> None:
        self._rows = rows
        self._seen: dict[str, int] = {}

    async def of_skus(self, skus: Sequence[str]) -> Mapping[str, Product]:
        wanted = set(skus)
        return {one.sku: copied(one) for one in self._rows.values() if one.sku in wanted}

    async def of_ids(self, ids: Sequence[UUID]) -> Mapping[UUID, Product]:
        return {id: copied(self._rows[id]) for id in ids if id in self._rows}

    async def repeated(self, rows: Mapping[str, int]) -> Mapping[str, int]:
        known = {sku: self._seen[sku] for sku in rows if sku in self._seen}
        self._seen = {**rows, **self._seen}
        return known

    async def forget(self) -> None:
        self._seen = {}

    async def slugs_taken(self, slugs: Collection[Slug]) -> Mapping[Slug, UUID]:
        live = [one for one in self._rows.values() if one.deleted_at is None]
        own = {(OWN, one.slug): one.id for one in live}
        others = {
            (locale, words["slug"]): one.id
            for one in live
            for locale, words in one.translations.items()
        }
        return {slug: id for slug, id in {**own, **others}.items() if slug in slugs}

    def save(
        self, *, new: Sequence[Product], changed: Sequence[Product], one_by_one: bool = False
    ) -> None:
        for product in (*new, *changed):
            self._rows[product.id] = product

    async def saved(self) -> None:
        """There is nothing to wait for."""


async def no_pause() -> None:
    """Let nobody else have a turn."""
